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
  /** Found active when we began to watch: the entry that started it may still be to come. */
  primed: boolean;
  /** Its worker was asked to stop it, and has not refused: should it fail now, it was revoked. */
  stopping: boolean;
}

/** How a job ended; tells a fact known from a repair from a new one. */
export interface EndedJob {
  readonly base: number;
  readonly attempt: number;
  /** Told by a repair, and not by its entry in the stream, which may still come. */
  readonly repaired: boolean;
}

interface QueueJobs {
  readonly live: Map<string, TrackedJob>;
  readonly done: Map<string, EndedJob>;
}

/**
 * What is remembered of jobs between their events. Bounded: the longest finished are forgotten first, then the longest waiting, whose
 * names are simply read again when they start.
 */
export class BullmqTaskTracker {
  readonly #queues = new Map<BullmqQueue, QueueJobs>();
  readonly #maxLive: number;
  readonly #maxDone: number;
  #live = 0;
  #done = 0;

  constructor(maxLive = 100_000, maxDone = 100_000) {
    this.#maxLive = maxLive;
    this.#maxDone = maxDone;
  }

  get(queue: BullmqQueue, jobId: string): TrackedJob | undefined {
    return this.#queues.get(queue)?.live.get(jobId);
  }

  ended(queue: BullmqQueue, jobId: string): EndedJob | undefined {
    return this.#queues.get(queue)?.done.get(jobId);
  }

  /** Begins to track a job; what was known of an earlier job with its id decides the base, so that its facts are new ones. */
  meet(queue: BullmqQueue, jobId: string, said: Omit<TrackedJob, 'base'>, sameJob: boolean): TrackedJob {
    const { live } = this.#of(queue);
    const earlier = this.ended(queue, jobId) ?? live.get(jobId);
    const base = earlier === undefined ? 0 : sameJob ? earlier.base : earlier.base + earlier.attempt;
    const job: TrackedJob = { ...said, base };
    if (!live.has(jobId)) this.#live += 1;
    live.set(jobId, job);
    if (this.#live > this.#maxLive) this.#forget('live');
    return job;
  }

  /** Moves the job to the finished ones. */
  end(queue: BullmqQueue, jobId: string, how: EndedJob): void {
    const { live, done } = this.#of(queue);
    if (live.delete(jobId)) this.#live -= 1;
    if (!done.delete(jobId)) this.#done += 1;
    done.set(jobId, how);
    if (this.#done > this.#maxDone) this.#forget('done');
  }

  dropQueue(queue: BullmqQueue): void {
    const jobs = this.#queues.get(queue);
    if (!jobs) return;
    this.#live -= jobs.live.size;
    this.#done -= jobs.done.size;
    this.#queues.delete(queue);
  }

  /** Jobs believed not to have ended, the longest known first. */
  unfinished(queue: BullmqQueue, limit: number): readonly string[] {
    const found: string[] = [];
    for (const jobId of this.#queues.get(queue)?.live.keys() ?? []) if (found.push(jobId) >= limit) break;
    return found;
  }

  #of(queue: BullmqQueue): QueueJobs {
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
