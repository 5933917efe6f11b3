import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { FlowProducer, Queue } from 'bullmq';
import { SampleSettings } from '../sample-settings.js';
import { KEEP, reportTo, warehouseOptions } from './warehouse-connection.js';
import type { WebhookRequest } from './webhook.worker.js';

/** Where the warehouse's tasks are added. */
@Injectable()
export class WarehouseQueues implements OnApplicationShutdown {
  readonly nightly: Queue;
  readonly webhooks: Queue<WebhookRequest>;
  readonly flows: FlowProducer;

  constructor(settings: SampleSettings) {
    const options = warehouseOptions(settings);
    this.nightly = new Queue('nightly', { ...options, defaultJobOptions: KEEP });
    this.webhooks = new Queue('webhooks', { ...options, defaultJobOptions: KEEP });
    this.flows = new FlowProducer(options);
    this.nightly.on('error', reportTo('nightly queue'));
    this.webhooks.on('error', reportTo('webhooks queue'));
    this.flows.on('error', reportTo('flows'));
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.nightly.close(), this.webhooks.close(), this.flows.close()]);
  }
}
