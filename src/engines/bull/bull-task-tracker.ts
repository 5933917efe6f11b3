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

interface QueueJobs {
  readonly live: Map<string, TrackedJob>;
  readonly done: Map<string, EndedJob>;
}

/**
 * What is remembered of jobs between their events. Bounded: the longest finished are forgotten first, then the longest waiting, whose
 * names are simply read again when they start.
 */
export class BullTaskTracker {
  readonly #queues = new Map<BullQueue, QueueJobs>();
  readonly #maxLive: number;
  readonly #maxDone: number;
  #live = 0;
  #done = 0;

  constructor(maxLive = 100_000, maxDone = 100_000) {
    this.#maxLive = maxLive;
    this.#maxDone = maxDone;
  }

  get(queue: BullQueue, jobId: string): TrackedJob | undefined {
    return this.#queues.get(queue)?.live.get(jobId);
  }

  ended(queue: BullQueue, jobId: string): EndedJob | undefined {
    return this.#queues.get(queue)?.done.get(jobId);
  }

  /**
   * The base for a job that is heard of now: 0, that of its earlier life where it was retried by hand, or what makes it a new one where the
   * application has used the id again. `sentAt` null: the job is gone already, so it cannot be one that was retried.
   */
  baseFor(queue: BullQueue, jobId: string, sentAt: number | null): number {
    const ended = this.ended(queue, jobId);
    if (!ended) return 0;
    return sentAt !== null && sentAt === ended.sentAt ? ended.base : ended.base + ended.attempt;
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

  track(queue: BullQueue, jobId: string, job: TrackedJob): TrackedJob {
    const { live } = this.#of(queue);
    if (!live.has(jobId)) this.#live += 1;
    live.set(jobId, job);
    if (this.#live > this.#maxLive) this.#forget('live');
    return job;
  }

  /** Moves the job to the finished ones. */
  end(queue: BullQueue, jobId: string, how: EndedJob): void {
    const { live, done } = this.#of(queue);
    if (live.delete(jobId)) this.#live -= 1;
    if (!done.delete(jobId)) this.#done += 1;
    done.set(jobId, how);
    if (this.#done > this.#maxDone) this.#forget('done');
  }

  /** Forgets a job that is gone without an end of its own: removed by hand. */
  drop(queue: BullQueue, jobId: string): void {
    if (this.#queues.get(queue)?.live.delete(jobId)) this.#live -= 1;
  }

  dropQueue(queue: BullQueue): void {
    const jobs = this.#queues.get(queue);
    if (!jobs) return;
    this.#live -= jobs.live.size;
    this.#done -= jobs.done.size;
    this.#queues.delete(queue);
  }

  /** Jobs believed to be running, at most `limit`. O(tracked jobs of the queue). */
  active(queue: BullQueue, limit: number): readonly string[] {
    const found: string[] = [];
    for (const [jobId, job] of this.#queues.get(queue)?.live ?? []) {
      if (job.state === 'active' && found.push(jobId) >= limit) break;
    }
    return found;
  }

  #of(queue: BullQueue): QueueJobs {
    const known = this.#queues.get(queue);
    if (known) return known;
    const made = { live: new Map<string, TrackedJob>(), done: new Map<string, EndedJob>() };
    this.#queues.set(queue, made);
    return made;
  }

  /** Drops a tenth of the fullest queue at once, so that finding it is paid for by thousands of events. */
  #forget(which: 'live' | 'done'): void {
    let fullest: Map<string, unknown> | null = null;
    for (const jobs of this.#queues.values()) if (!fullest || jobs[which].size > fullest.size) fullest = jobs[which];
    let left = Math.ceil((fullest?.size ?? 0) / 10);
    if (which === 'live') this.#live -= left;
    else this.#done -= left;
    for (const jobId of fullest?.keys() ?? []) {
      if (left-- <= 0) break;
      fullest?.delete(jobId);
    }
  }
}
