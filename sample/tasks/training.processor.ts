import { Process, Processor } from '@nestjs/bull';
import type { Job } from 'bull';
import { abortSignal } from '../../agent/agent.js';
import { type DatasetRequest, generateDataset, split } from '../data/dataset.js';
import { createModel } from '../models/create-model.js';
import type { ModelType } from '../models/model.js';
import { score } from '../models/score.js';
import { TimeSlices } from '../time-slices.js';

export interface TrainingRequest extends DatasetRequest {
  readonly modelType: ModelType;
  /** Where set too high the weights run off; each further attempt takes a tenth of it. */
  readonly learningRate: number | null;
}

export interface TrainingResult {
  readonly model_type: ModelType;
  readonly task_type: TrainingRequest['taskType'];
  /** Seconds. */
  readonly training_time: number;
  readonly train_samples: number;
  readonly n_features: number;
  readonly status: 'success';
}

@Processor('training')
export class TrainingProcessor {
  @Process({ name: 'train_model', concurrency: 2 })
  async train(job: Job<TrainingRequest>): Promise<TrainingResult> {
    const { modelType, taskType, features, learningRate } = job.data;
    const slices = new TimeSlices(abortSignal(job));
    const began = performance.now();
    const { train, test } = split(generateDataset(job.data), 5, 0);
    await job.progress(20);
    const model = createModel(
      modelType,
      learningRate === null ? {} : { learning_rate: learningRate / 10 ** job.attemptsMade },
    );
    await model.fit(train, slices);
    await job.progress(80);
    const found = await score(model, test, slices);
    await job.log(`${modelType} scored ${found.toFixed(3)} on ${test.rows.length} rows it had not seen`);
    return {
      model_type: modelType,
      task_type: taskType,
      training_time: (performance.now() - began) / 1000,
      train_samples: train.rows.length,
      n_features: features,
      status: 'success',
    };
  }
}
