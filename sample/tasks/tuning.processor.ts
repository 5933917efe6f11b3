import { Process, Processor } from '@nestjs/bull';
import type { Job } from 'bull';
import { abortSignal } from '../../agent/agent.js';
import { type DatasetRequest, generateDataset } from '../data/dataset.js';
import { SeededRandom } from '../data/random.js';
import type { Hyperparameters, ModelType } from '../models/model.js';
import { TimeSlices } from '../time-slices.js';
import { search } from '../tuning/search.js';
import { gridOf, randomOf } from '../tuning/search-space.js';

export interface TuningRequest extends DatasetRequest {
  readonly modelType: ModelType;
  /** How many combinations a random search draws. */
  readonly draws: number;
}

export interface TuningResult {
  readonly tuning_method: 'grid_search' | 'random_search';
  /** Seconds. */
  readonly tuning_time: number;
  readonly total_combinations: number;
  readonly best_score: number;
  readonly model_type: ModelType;
  readonly status: 'success';
}

@Processor('tuning')
export class TuningProcessor {
  @Process('grid_search')
  async gridSearch(job: Job<TuningRequest>): Promise<TuningResult> {
    return this.#tune(job, 'grid_search', gridOf(job.data.modelType));
  }

  @Process('random_search')
  async randomSearch(job: Job<TuningRequest>): Promise<TuningResult> {
    const { modelType, draws, seed } = job.data;
    return this.#tune(job, 'random_search', randomOf(modelType, draws, new SeededRandom(seed)));
  }

  async #tune(
    job: Job<TuningRequest>,
    method: TuningResult['tuning_method'],
    combinations: readonly Hyperparameters[],
  ): Promise<TuningResult> {
    const { modelType } = job.data;
    const began = performance.now();
    // A search runs long, at a tenth of one core.
    const slices = new TimeSlices(abortSignal(job), 10, 90);
    const tell = (done: number): Promise<void> => job.progress({ done, of: combinations.length });
    const best = await search(modelType, combinations, generateDataset(job.data), slices, tell);
    await job.log(`best of ${combinations.length}: ${JSON.stringify(best.hyperparameters)}`);
    return {
      tuning_method: method,
      tuning_time: (performance.now() - began) / 1000,
      total_combinations: combinations.length,
      best_score: best.score,
      model_type: modelType,
      status: 'success',
    };
  }
}
