import { InjectQueue } from '@nestjs/bull';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { JobOptions, Queue } from 'bull';
import { type DatasetRequest, TASK_TYPES } from './data/dataset.js';
import { SeededRandom } from './data/random.js';
import { modelTypesFor } from './models/create-model.js';
import { RandomPauses } from './random-pauses.js';
import { SampleSettings } from './sample-settings.js';
import type { PreprocessingRequest } from './tasks/preprocessing.processor.js';
import type { TrainingRequest } from './tasks/training.processor.js';
import type { TuningRequest } from './tasks/tuning.processor.js';

/** A queue this long is left alone: a slow machine should not pile up work. */
const MAX_WAITING = 20;

/** A learning rate at which linear regression runs away, and with a hundredth of which it does not. */
const TOO_HIGH = 40;

/** Time limits of a search: one that is enough, and one that is not. */
const PLENTY_MS = 120_000;
const TOO_SHORT_MS = 400;

/** Adds Bull tasks of every kind, at random moments. */
@Injectable()
export class Workload implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #random = new SeededRandom(20_260_102);
  readonly #pauses: RandomPauses;

  constructor(
    settings: SampleSettings,
    @InjectQueue('training') private readonly training: Queue,
    @InjectQueue('tuning') private readonly tuning: Queue,
    @InjectQueue('preprocessing') private readonly preprocessing: Queue,
    @InjectQueue('mail') private readonly mail: Queue,
    @InjectQueue('reports') private readonly reports: Queue,
    @InjectQueue('cleanup') private readonly cleanup: Queue,
  ) {
    this.#pauses = new RandomPauses(settings.bullRate, this.#random, () => this.#addOne());
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.cleanup.add({}, { repeat: { every: 20_000 } });
    await this.mail.add('send_digest', this.#letter('everybody'), { repeat: { cron: '* * * * *' } });
    await this.reports.add('render_report', { pages: 20 }, { repeat: { every: 30_000 } });
    await this.#addOneOfEach();
    this.#pauses.start();
  }

  onApplicationShutdown(): void {
    this.#pauses.stop();
  }

  /** So that there is something of everything to see from the first minute: what succeeds, fails, is retried, times out, and runs long. */
  async #addOneOfEach(): Promise<void> {
    const small = { taskType: 'regression', samples: 300, features: 6, seed: 1 } as const;
    await this.#train({ ...small, modelType: 'neural_network', learningRate: null });
    await this.#train({ ...small, modelType: 'linear_regression', learningRate: TOO_HIGH });
    await this.#tune({ ...small, samples: 4_000, modelType: 'neural_network', draws: 10 }, PLENTY_MS);
    await this.#tune({ ...small, samples: 1_500, modelType: 'k_nearest_neighbours', draws: 10 }, TOO_SHORT_MS);
    await this.#preprocess({ ...small, missing: 1 });
    await this.#write();
    await this.#report(12);
  }

  async #addOne(): Promise<void> {
    const dice = this.#random.next();
    if (dice < 0.35) await this.#train();
    else if (dice < 0.42) await this.#tune();
    else if (dice < 0.65) await this.#preprocess();
    else if (dice < 0.95) await this.#write();
    else await this.#report();
  }

  async #train(data: TrainingRequest = this.#someTraining()): Promise<void> {
    await this.#add(this.training, 'train_model', data, {
      attempts: 3,
      backoff: { type: 'exponential', delay: 1_000 },
    });
  }

  #someTraining(): TrainingRequest {
    const random = this.#random;
    const taskType = random.pick(TASK_TYPES);
    const modelType = random.pick(modelTypesFor(taskType));
    const rate = modelType === 'linear_regression' && random.chance(0.3) ? TOO_HIGH : random.pick([0.1, 0.2, 0.3]);
    const learningRate = modelType.endsWith('_regression') ? rate : null;
    return { ...this.#someData(1_200, 30), taskType, modelType, learningRate };
  }

  async #tune(
    data: TuningRequest = this.#someTuning(),
    timeout = this.#random.chance(0.25) ? TOO_SHORT_MS : PLENTY_MS,
  ): Promise<void> {
    await this.#add(this.tuning, this.#random.pick(['grid_search', 'random_search']), data, { timeout });
  }

  #someTuning(): TuningRequest {
    const random = this.#random;
    const taskType = random.pick(TASK_TYPES);
    return {
      ...this.#someData(1_500, 12),
      taskType,
      modelType: random.pick(modelTypesFor(taskType)),
      draws: random.between(4, 10),
    };
  }

  async #preprocess(data: PreprocessingRequest = this.#someTable()): Promise<void> {
    const name = data.missing === 1 ? 'impute_missing' : this.#random.pick(['impute_missing', 'scale_features']);
    await this.#add(this.preprocessing, name, data, {});
  }

  #someTable(): PreprocessingRequest {
    const random = this.#random;
    return {
      ...this.#someData(2_000, 40),
      taskType: random.pick(TASK_TYPES),
      missing: random.chance(0.1) ? 1 : random.next() * 0.3,
    };
  }

  #someData(maxSamples: number, maxFeatures: number): Pick<DatasetRequest, 'samples' | 'features' | 'seed'> {
    const random = this.#random;
    return {
      samples: random.between(100, maxSamples),
      features: random.between(3, maxFeatures),
      seed: random.between(1, 1e6),
    };
  }

  async #write(): Promise<void> {
    const random = this.#random;
    const letter = this.#letter(`reader-${random.between(1, 500)}@example.org`);
    const retry = { attempts: 4, backoff: { type: 'exponential', delay: 500 } };
    if (random.chance(0.6))
      await this.#add(this.mail, 'send_alert', letter, { ...retry, priority: random.between(1, 5) });
    else await this.#add(this.mail, 'send_digest', letter, { ...retry, delay: random.between(2, 15) * 1_000 });
  }

  async #report(pages = this.#random.between(5, 70)): Promise<void> {
    await this.#add(this.reports, 'render_report', { pages }, {});
  }

  #letter(to: string): { readonly to: string; readonly subject: string; readonly seed: number } {
    return { to, subject: 'What happened today', seed: this.#random.between(1, 1e6) };
  }

  async #add(queue: Queue, name: string, data: object, options: JobOptions): Promise<void> {
    if ((await queue.getWaitingCount()) < MAX_WAITING) await queue.add(name, data, options);
  }
}
