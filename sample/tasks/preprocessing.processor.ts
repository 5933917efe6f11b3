import { Process, Processor } from '@nestjs/bull';
import type { Job } from 'bull';
import { cancellable } from '../../agent/agent.js';
import { type DatasetRequest, generateDataset } from '../data/dataset.js';
import { imputeMissing, scaleFeatures } from '../data/preprocess.js';
import { SeededRandom } from '../data/random.js';
import { TimeSlices } from '../time-slices.js';

export interface PreprocessingRequest extends DatasetRequest {
  /** Share of the values that are missing; where it is 1 there is nothing left to work with. */
  readonly missing: number;
}

const impute = cancellable(async (job: Job<PreprocessingRequest>, signal) => {
  const { rows } = generateDataset(job.data);
  const random = new SeededRandom(job.data.seed);
  for (const row of rows) {
    for (const column of row.keys()) if (random.chance(job.data.missing)) row[column] = Number.NaN;
  }
  const filled = await imputeMissing(rows, new TimeSlices(signal));
  return { rows: rows.length, filled };
});

const scale = cancellable(async (job: Job<PreprocessingRequest>, signal) => {
  const { rows } = generateDataset(job.data);
  await scaleFeatures(rows, new TimeSlices(signal));
  return { rows: rows.length, columns: rows[0]?.length ?? 0 };
});

@Processor('preprocessing')
export class PreprocessingProcessor {
  @Process('impute_missing')
  async impute(job: Job<PreprocessingRequest>): Promise<{ readonly rows: number; readonly filled: number }> {
    return impute(job);
  }

  @Process('scale_features')
  async scale(job: Job<PreprocessingRequest>): Promise<{ readonly rows: number; readonly columns: number }> {
    return scale(job);
  }
}
