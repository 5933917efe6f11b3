import type { RedisClient } from '../../redis/redis-client.js';
import type { BullmqQueue } from '../bullmq-queue.js';

/** The two majors whose scripts perform changes. Version 5's also serve what version 4 keeps, as both put a paused queue's tasks aside. */
export type LibraryMajor = 5 | 6;

type Clean = 'wait' | 'paused' | 'prioritized' | 'delayed' | 'completed' | 'failed';

export interface SchedulerTemplate {
  readonly name: string;
  readonly data: unknown;
  readonly opts: object;
}

export interface SchedulerTiming {
  readonly pattern?: string;
  readonly every?: number;
  readonly tz?: string;
  readonly limit?: number;
  readonly startDate?: number;
  readonly endDate?: number;
}

/** The part of the library's own Queue that we let act. */
export interface LibraryQueue {
  pause(): Promise<unknown>;
  resume(): Promise<unknown>;
  clean(graceMs: number, limit: number, type: Clean): Promise<readonly string[]>;
  obliterate(options: { readonly force: boolean; readonly count: number }): Promise<unknown>;
  remove(jobId: string, options: { readonly removeChildren: boolean }): Promise<number>;
  add(name: string, data: unknown, options: object): Promise<{ readonly id?: string | undefined }>;
  getJobScheduler(id: string): Promise<unknown>;
  upsertJobScheduler(id: string, timing: SchedulerTiming, template: SchedulerTemplate): Promise<unknown>;
  removeJobScheduler(id: string): Promise<boolean>;
}

/** The part of the library's own Job that we let act. Made from an id alone: no payload is read for it. */
export interface LibraryJob {
  retry(state: 'failed' | 'completed', options: RetryOptions): Promise<unknown>;
  promote(): Promise<unknown>;
  changeDelay(delayMs: number): Promise<unknown>;
  changePriority(options: { readonly priority: number; readonly lifo?: boolean }): Promise<unknown>;
}

interface RetryOptions {
  readonly resetAttemptsMade?: boolean;
  readonly resetAttemptsStarted?: boolean;
}

export interface Library {
  readonly queue: LibraryQueue;
  job(jobId: string, lifo: boolean): LibraryJob;
  /** Version 5 alone; null in version 6, which has dropped repeatables. */
  readonly removeRepeatable: ((key: string) => Promise<boolean>) | null;
}

/**
 * Lets `work` use the library on a queue over a connection that is open already. Nothing is written by opening it: neither the library's
 * version nor its stream limit, which would overwrite the application's. Nothing is asked either, INFO included. Libraries are loaded when they are
 * first needed.
 */
export async function withLibrary<T>(
  major: LibraryMajor,
  { prefix, name }: BullmqQueue,
  connection: RedisClient,
  work: (library: Library) => Promise<T>,
): Promise<T> {
  const options = { connection, prefix, skipVersionCheck: true, skipMetasUpdate: true } as const;
  if (major === 5) {
    const { Queue, Job } = await import('bullmq5');
    const queue = new Queue(name, options);
    queue.on('error', ignored);
    try {
      return await work({
        queue,
        job: (jobId, lifo) => new Job(queue, '', {}, { lifo }, jobId),
        removeRepeatable: (key) => queue.removeRepeatableByKey(key),
      });
    } finally {
      await queue.close();
    }
  }
  const { Queue, Job } = await import('bullmq');
  const queue = new Queue(name, options);
  queue.on('error', ignored);
  try {
    return await work({
      queue,
      job: (jobId, lifo) => new Job(queue, '', {}, { lifo }, jobId),
      removeRepeatable: null,
    });
  } finally {
    await queue.close();
  }
}

/** The connection has an owner, who hears of its errors; the library tells what it was asked for by rejecting. */
function ignored(): void {}
