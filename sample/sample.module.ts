import { fileURLToPath } from 'node:url';
import { BullModule } from '@nestjs/bull';
import { Module } from '@nestjs/common';
import { TaskscopeAgentModule } from '../agent/nest-agent.module.js';
import { SampleSettings } from './sample-settings.js';
import { CleanupProcessor } from './tasks/cleanup.processor.js';
import { MailProcessor } from './tasks/mail.processor.js';
import { PreprocessingProcessor } from './tasks/preprocessing.processor.js';
import { TrainingProcessor } from './tasks/training.processor.js';
import { TuningProcessor } from './tasks/tuning.processor.js';
import { WarehouseModule } from './warehouse/warehouse.module.js';
import { Workload } from './workload.js';

const settings = new SampleSettings();

/** Finished jobs stay for a while to be looked at, and never fill Redis. */
const defaultJobOptions = { removeOnComplete: 200, removeOnFail: 200 };

/** An ordinary application of @nestjs/bull and, in its warehouse, of BullMQ; all that Taskscope adds is the one import. */
@Module({
  imports: [
    TaskscopeAgentModule.forRoot(),
    WarehouseModule.with(settings),
    // A queue must outlive its Redis: commands wait for it to come back instead of failing after 20 attempts.
    BullModule.forRoot({ url: settings.redisUrl, redis: { maxRetriesPerRequest: null }, defaultJobOptions }),
    BullModule.registerQueue(
      { name: 'training' },
      { name: 'tuning' },
      { name: 'mail' },
      { name: 'cleanup' },
      { name: 'preprocessing' },
      {
        name: 'reports',
        processors: [
          {
            name: 'render_report',
            concurrency: 1,
            path: fileURLToPath(new URL('tasks/render-report.cjs', import.meta.url)),
          },
        ],
      },
    ),
  ],
  providers: [
    { provide: SampleSettings, useValue: settings },
    TrainingProcessor,
    TuningProcessor,
    PreprocessingProcessor,
    MailProcessor,
    CleanupProcessor,
    Workload,
  ],
})
export class SampleModule {}
