import type { Queue } from 'bull';
import { isBullQueue } from './bull-queue.js';
import { bullSoftware } from './bull-version.js';
import type { BullmqWorkerLike } from './bullmq-worker.js';
import { bullmqSoftware, isBullmqWorker, prefixOf } from './bullmq-worker.js';
import type { Instrumented } from './instrumented.js';
import { InstrumentedQueue } from './instrumented-queue.js';
import { InstrumentedWorker } from './instrumented-worker.js';
import type { Outbox } from './outbox.js';
import { connectionOf, type QueueConnection } from './redis-location.js';

/** What an agent can follow: a Queue of bull 3 or 4, or a Worker of bullmq 4 to 6. */
export type Target = Queue | BullmqWorkerLike;

/** A target that was recognised, before anything in it is touched. */
export interface Instrumentable {
  /** Of its queue. */
  readonly name: string;
  /** Such as `bull 4.16.5`. */
  readonly software: string;
  /** The Redis it lives in; null where that is reached by something else than ioredis. */
  readonly connection: QueueConnection | null;
  instrument(outbox: Outbox, onFact: () => void): Instrumented;
  onClosed(listener: () => void): void;
  /** Idempotent in both libraries. */
  close(): Promise<unknown>;
}

/** null where it is neither a Bull queue nor a BullMQ worker. */
export function recognise(target: unknown): Instrumentable | null {
  if (isBullQueue(target)) {
    return {
      name: target.name,
      software: bullSoftware(target),
      connection: target.client,
      instrument: (outbox, onFact) => new InstrumentedQueue(target, outbox, onFact),
      onClosed: (listener) => void target.on('close', listener),
      close: () => target.close(),
    };
  }
  if (isBullmqWorker(target)) {
    // Another datastore than Redis names its queues in its own way.
    const inRedis = Reflect.get(target, 'qualifiedName') === `${prefixOf(target)}:${target.name}`;
    return {
      name: target.name,
      software: bullmqSoftware(target),
      connection: inRedis ? connectionOf(Reflect.get(target.opts, 'connection')) : null,
      instrument: (outbox, onFact) => new InstrumentedWorker(target, outbox, onFact),
      onClosed: (listener) => void target.on('closed', listener),
      close: () => target.close(),
    };
  }
  return null;
}

/** Throws a TypeError where there is nothing to follow. */
export function instrumentable(target: unknown): Instrumentable {
  const recognised = recognise(target);
  if (recognised === null) throw new TypeError('expected a Queue of bull 3 or 4, or a Worker of bullmq 4 to 6');
  return recognised;
}
