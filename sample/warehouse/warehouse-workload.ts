import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { SeededRandom } from '../data/random.js';
import { RandomPauses } from '../random-pauses.js';
import { SampleSettings } from '../sample-settings.js';
import { nightlyFlow } from './nightly-flow.js';
import { WarehouseQueues } from './warehouse-queues.js';

/** A queue this long is left alone: a slow machine should not pile up work. */
const MAX_WAITING = 20;

const NIGHT_MS = 30_000;

/** How often what is added is a flow, which is seven tasks at once. */
const FLOW_SHARE = 0.02;

/** Adds the warehouse's tasks: flows by a scheduler and now and then by itself, webhooks of any priority, some of them later. */
@Injectable()
export class WarehouseWorkload implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #random = new SeededRandom(20_260_730);
  readonly #pauses: RandomPauses;

  constructor(
    settings: SampleSettings,
    private readonly queues: WarehouseQueues,
  ) {
    this.#pauses = new RandomPauses(settings.bullmqRate, this.#random, () => this.#addOne());
  }

  async onApplicationBootstrap(): Promise<void> {
    const { nightly, webhooks, flows } = this.queues;
    await nightly.upsertJobScheduler('nightly-report', { every: NIGHT_MS }, { name: 'plan_report' });
    const ping = { name: 'deliver', data: { url: 'https://status.example.org', event: 'still_here', seed: 7 } };
    await webhooks.upsertJobScheduler('heartbeat', { pattern: '* * * * *' }, ping);
    // One of each from the first minute: a report, one that must fail for want of a table, and webhooks.
    await flows.addBulk([nightlyFlow(1), nightlyFlow(2, 'refunds')]);
    await this.#deliver();
    this.#pauses.start();
  }

  onApplicationShutdown(): void {
    this.#pauses.stop();
  }

  async #addOne(): Promise<void> {
    const random = this.#random;
    if (random.chance(FLOW_SHARE)) {
      await this.queues.flows.add(nightlyFlow(random.between(1, 1e6), random.chance(0.2) ? 'refunds' : null));
    } else await this.#deliver();
  }

  async #deliver(): Promise<void> {
    const random = this.#random;
    const { webhooks } = this.queues;
    if ((await webhooks.getWaitingCount()) + (await webhooks.getPrioritizedCount()) >= MAX_WAITING) return;
    const customer = random.between(1, 200);
    const data = {
      url: `https://customer-${customer}.example.org/hooks`,
      event: random.pick(['order_paid', 'order_shipped', 'invoice_due']),
      seed: random.between(1, 1e6),
    };
    const when = random.chance(0.2) ? { delay: random.between(2, 15) * 1_000 } : { priority: random.between(1, 5) };
    await webhooks.add('deliver', data, { ...when, attempts: 4, backoff: { type: 'exponential', delay: 500 } });
  }
}
