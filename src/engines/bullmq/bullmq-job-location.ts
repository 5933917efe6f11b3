import type { TaskState } from '../../core/task.js';
import { isActive } from '../jobs/running-job.js';
import type { RedisLink } from '../redis/redis-link.js';
import { numberOf, textOf } from '../redis/redis-reply.js';
import { waitingState } from './bullmq-inspector.js';
import { BRIEF_FIELDS, type BriefJob, briefJob, dueTime } from './bullmq-job-hash.js';
import type { BullmqQueue } from './bullmq-queue.js';
import type { TaskReference } from './bullmq-queue-registry.js';

/** Where a job is, as its keys say. */
export interface LocatedJob {
  readonly queue: BullmqQueue;
  readonly jobId: string;
  readonly brief: BriefJob;
  readonly state: TaskState;
  /** It waits for its children to end. */
  readonly waitsForChildren: boolean;
  /** Of an active job; null where it is not locked. */
  readonly token: string | null;
  /** Of a delayed one. */
  readonly eta: number | null;
}

/**
 * Finds a job in one round trip; a second one, with LPOS in the short list of running jobs, where no set tells. Never the library's getState:
 * on an old server that reads whole lists.
 */
export async function locateJob(
  link: RedisLink,
  { queue, jobId }: TaskReference,
  signal: AbortSignal,
): Promise<LocatedJob | null> {
  const [hash, completed, failed, delayed, prioritized, children, lock] = await link.batch(
    [
      ['HMGET', queue.at(jobId), ...BRIEF_FIELDS],
      ['ZSCORE', queue.at('completed'), jobId],
      ['ZSCORE', queue.at('failed'), jobId],
      ['ZSCORE', queue.at('delayed'), jobId],
      ['ZSCORE', queue.at('prioritized'), jobId],
      ['ZSCORE', queue.at('waiting-children'), jobId],
      ['GET', queue.at(`${jobId}:lock`)],
    ],
    signal,
  );
  const brief = briefJob(hash);
  if (!brief) return null;
  const found = { queue, jobId, brief, token: null, eta: null, waitsForChildren: false };
  if (textOf(completed) !== null) return { ...found, state: 'SUCCESS' };
  if (textOf(failed) !== null) return { ...found, state: 'FAILURE' };
  const waiting = waitingState(brief);
  const due = numberOf(delayed);
  if (due !== null) return { ...found, state: waiting, eta: dueTime(due) };
  if (textOf(prioritized) !== null) return { ...found, state: waiting };
  if (textOf(children) !== null) return { ...found, state: 'PENDING', waitsForChildren: true };
  const active = await isActive(link, queue, jobId, signal);
  return active ? { ...found, state: 'STARTED', token: textOf(lock) } : { ...found, state: waiting };
}
