import { JobMemory } from '../jobs/job-memory.js';
import type { BriefJob } from './bull-job-hash.js';
import type { BullQueue } from './bull-queue.js';

/**
 * A job on its way, as far as events have told. `attempt` is the number of the last attempt begun (0 before the first), `retried` the number
 * of the last attempt known to have ended in a retry.
 */
export interface TrackedJob {
  /** Added to the attempt for the occurrence: an application may use a job id again, and its first attempt is then a new fact. */
  base: number;
  name: string | null;
  sentAt: number | null;
  eta: number | null;
  /** When its last start, or it at all, was heard of. */
  heardAt: number;
  state: 'waiting' | 'active' | 'retrying';
  attempt: number;
  retried: number;
  /** The last of these that was told because events showed it, not because an agent said so. */
  retriedTold: number;
  startedAt: number | null;
  /** Lock token of the worker that runs or ran it; null where its start was not heard. */
  token: string | null;
  /** Taken from a worker that vanished: the next start is the same attempt over again. */
  stalled: boolean;
}

/** How a job ended; tells a fact heard twice from a new one. */
export interface EndedJob {
  readonly base: number;
  readonly attempt: number;
  /** Tells a job retried by hand from a new job with the same id. */
  readonly sentAt: number | null;
}

export class BullTaskTracker extends JobMemory<TrackedJob, EndedJob> {
  /**
   * The base for a job that is heard of now: 0, that of its earlier life where it was retried by hand, or what makes it a new one where the
   * application has used the id again. `sentAt` null: the job is gone already, so it cannot be one that was retried.
   */
  baseFor(queue: BullQueue, jobId: string, sentAt: number | null): number {
    return baseAfter(this.ended(queue, jobId), sentAt);
  }

  /**
   * Begins to track a job that events tell of. Read a moment after its message, the hash of one that was `fromItsBeginning` watched may say
   * already that attempts have failed: they are still to come for us.
   */
  meet(queue: BullQueue, jobId: string, brief: BriefJob | null, at: number, fromItsBeginning: boolean): TrackedJob {
    const ended = this.ended(queue, jobId);
    const again = ended !== undefined && brief !== null && ended.sentAt === brief.sentAt;
    const made = !brief || (fromItsBeginning && !again) ? 0 : brief.attemptsMade;
    return this.track(queue, jobId, {
      base: this.baseFor(queue, jobId, brief?.sentAt ?? null),
      name: brief?.name ?? null,
      sentAt: brief?.sentAt ?? null,
      eta: brief?.eta ?? null,
      heardAt: at,
      state: 'waiting',
      attempt: made,
      retried: made,
      retriedTold: 0,
      startedAt: null,
      token: null,
      stalled: false,
    });
  }

  /** Jobs believed to be running, at most `limit`. O(tracked jobs of the queue). */
  active(queue: BullQueue, limit: number): readonly string[] {
    return this.unfinished(queue, limit, ({ state }) => state === 'active');
  }
}

/** As `baseFor`, where it is known how the job before it ended. */
export function baseAfter(ended: EndedJob | undefined, sentAt: number | null): number {
  if (!ended) return 0;
  return sentAt !== null && sentAt === ended.sentAt ? ended.base : ended.base + ended.attempt;
}
