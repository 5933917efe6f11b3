import { setTimeout as sleep } from 'node:timers/promises';
import { UnrecoverableError, Worker } from 'bullmq';
import { SeededRandom } from '../data/random.js';
import type { SampleSettings } from '../sample-settings.js';
import { reportTo, warehouseOptions } from './warehouse-connection.js';

export interface WebhookRequest {
  readonly url: string;
  readonly event: string;
  readonly seed: number;
}

/** Try again later. */
export class EndpointUnavailable extends Error {
  override readonly name = 'EndpointUnavailable';
}

/** Calls endpoints that exist only here, at most ten a second: they are slow, sometimes down, and some are gone for good. */
export function webhookWorker(settings: SampleSettings): Worker<WebhookRequest, { readonly status: number }> {
  const worker = new Worker<WebhookRequest, { readonly status: number }>(
    'webhooks',
    async (job, _token, signal) => {
      const { url, seed } = job.data;
      const random = new SeededRandom(seed + job.attemptsMade);
      await sleep(random.between(30, 500), undefined, signal ? { signal } : {});
      if (random.chance(0.04)) throw new UnrecoverableError(`410 Gone: ${url}`);
      if (random.chance(0.2)) throw new EndpointUnavailable(`503 Service Unavailable: ${url}`);
      return { status: 200 };
    },
    { ...warehouseOptions(settings), concurrency: 2, limiter: { max: 10, duration: 1_000 } },
  );
  return worker.on('error', reportTo('webhooks'));
}
