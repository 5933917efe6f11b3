import type { QueueOptions } from 'bullmq';
import type { SampleSettings } from '../sample-settings.js';

/** Another than Bull's: both libraries call theirs `bull` unless told otherwise. */
const PREFIX = 'bullmq';

/** Finished jobs stay for a while to be looked at, and never fill Redis. */
export const KEEP = { removeOnComplete: { count: 200 }, removeOnFail: { count: 200 } };

/** What queues, workers and flows have in common. Commands wait for a Redis that is away instead of failing. */
export function warehouseOptions({ redisUrl }: SampleSettings): Pick<QueueOptions, 'connection' | 'prefix'> {
  return { connection: { url: redisUrl, maxRetriesPerRequest: null }, prefix: PREFIX };
}

/** BullMQ reports a lost connection on each object, and again with each attempt to connect: once is enough. */
export function reportTo(name: string): (problem: Error) => void {
  let last = '';
  return ({ message }) => {
    if (message !== last) console.error(`sample: ${name}: ${message}`);
    last = message;
  };
}
