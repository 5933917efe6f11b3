import { type DynamicModule, Module } from '@nestjs/common';
import { SampleSettings } from '../sample-settings.js';
import { chartWorker } from './chart.worker.js';
import { extractWorker } from './extract.worker.js';
import { nightlyWorker } from './nightly.worker.js';
import { WarehouseQueues } from './warehouse-queues.js';
import { WarehouseWorkload } from './warehouse-workload.js';
import { webhookWorker } from './webhook.worker.js';

/** The BullMQ half of the sample: plain workers, which the agent's module finds among the providers. It also closes them. */
@Module({})
export class WarehouseModule {
  static with(settings: SampleSettings): DynamicModule {
    return {
      module: WarehouseModule,
      providers: [
        { provide: SampleSettings, useValue: settings },
        WarehouseQueues,
        WarehouseWorkload,
        { provide: 'extracts', useFactory: extractWorker, inject: [SampleSettings] },
        { provide: 'charts', useFactory: chartWorker, inject: [SampleSettings] },
        { provide: 'webhooks', useFactory: webhookWorker, inject: [SampleSettings] },
        { provide: 'nightly', useFactory: nightlyWorker, inject: [SampleSettings, WarehouseQueues] },
      ],
    };
  }
}
