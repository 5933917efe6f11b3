import { JobMemory } from '../jobs/job-memory.js';
import type { BriefJob } from './bullmq-job-hash.js';
import type { BullmqQueue } from './bullmq-queue.js';

/**
 * A job on its way, as far as events have told. Attempts are counted by their starts: one that was taken from a vanished worker, or put back
 * by a rate limit, is a start without an end.
 */
export interface TrackedJob {
  /** Added to the attempt for the occurrence: an application may use a job id again, and its first attempt is then a new fact. */
  base: number;
  name: string | null;
  sentAt: number | null;
  eta: number | null;
  /** `added`: its place has not been told yet. `children`: waits for its children. */
  state: 'added' | 'waiting' | 'delayed' | 'active' | 'children';
  /** Starts so far. */
  attempt: number;
  /** Failed attempts that the job's own counter has been seen to count; null where it has none. */
  ended: number | null;
  startedAt: number | null;
  worker: string | null;
  /** Lock token of its last start; null where it is not known. */
  token: string | null;
  /** Last attempt that is known to have ended in a retry, whoever told it. */
  retried: number;
  /** Found active when we began to watch: the entry that started it may still be to come. */
  primed: boolean;
  /** Its worker was asked to stop it, and has not refused: should it fail now, it was revoked. */
  stopping: boolean;
}

/** How a job ended; tells a fact known from a repair from a new one. */
export interface EndedJob {
  readonly base: number;
  readonly attempt: number;
  /** Told by a repair or by an agent, and not by its entry in the stream, which may still come. */
  readonly repaired: boolean;
}

/** How a job begins to be tracked. */
export const UNSTARTED = {
  name: null,
  sentAt: null,
  eta: null,
  state: 'waiting',
  attempt: 0,
  ended: 0,
  startedAt: null,
  worker: null,
  token: null,
  retried: 0,
  primed: false,
  stopping: false,
} as const;

export class BullmqTaskTracker extends JobMemory<TrackedJob, EndedJob> {
  /** Jobs of which more is known than their hash would tell whoever met them now, at most `limit`. O(tracked jobs of the queue). */
  begun(queue: BullmqQueue, limit: number): [string, TrackedJob][] {
    const found: [string, TrackedJob][] = [];
    for (const [jobId, job] of this.live(queue)) {
      if (found.length >= limit) break;
      if (job.attempt > 0 || job.base > 0 || job.state === 'added') found.push([jobId, { ...job }]);
    }
    return found;
  }

  /** A job about to be told that it starts: where nothing is known of it, this is its first start, even if it has had others by now. */
  metAtStart(queue: BullmqQueue, jobId: string, brief: BriefJob | null): void {
    if (this.get(queue, jobId) || this.ended(queue, jobId)) return;
    const { name = null, sentAt = null, eta = null } = brief ?? {};
    this.meet(queue, jobId, { ...UNSTARTED, name, sentAt, eta }, true);
  }

  /** Begins to track a job; what was known of an earlier job with its id decides the base, so that its facts are new ones. */
  meet(queue: BullmqQueue, jobId: string, said: Omit<TrackedJob, 'base'>, sameJob: boolean): TrackedJob {
    const earlier = this.ended(queue, jobId) ?? this.get(queue, jobId);
    const base = earlier === undefined ? 0 : sameJob ? earlier.base : earlier.base + earlier.attempt;
    return this.track(queue, jobId, { ...said, base });
  }
}
