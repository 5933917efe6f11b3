import type { JobQueue } from './job-queue.js';

interface QueueJobs<Live, Ended> {
  readonly live: Map<string, Live>;
  readonly done: Map<string, Ended>;
}

/** JSON, where `how` is. */
export type EndedId<Ended> = [queueKey: string, jobId: string, how: Ended];

/** Numbers given by Redis, and jobs of schedulers, which carry their time. */
const COUNTED_ID = /^(?:\d+|repeat:.*)$/;
const MAX_REUSABLE = 500;

/**
 * What is remembered of jobs between their events, by queue and id. Bounded: the longest finished are forgotten first, then the longest
 * waiting, whose names are simply read again when they start.
 */
export class JobMemory<Live, Ended> {
  readonly #queues = new Map<JobQueue, QueueJobs<Live, Ended>>();
  readonly #maxLive: number;
  readonly #maxDone: number;
  /** The latest ends of jobs whose id may be used again. */
  readonly #reusable = new Map<string, EndedId<Ended>>();
  #live = 0;
  #done = 0;

  constructor(maxLive = 100_000, maxDone = 100_000) {
    this.#maxLive = maxLive;
    this.#maxDone = maxDone;
  }

  get(queue: JobQueue, jobId: string): Live | undefined {
    return this.#queues.get(queue)?.live.get(jobId);
  }

  ended(queue: JobQueue, jobId: string): Ended | undefined {
    const known = this.#queues.get(queue)?.done.get(jobId);
    return known ?? (this.#reusable.size > 0 ? this.#reusable.get(keyOf(queue.key, jobId))?.[2] : undefined);
  }

  /** Takes the place of what was known of a job with this id. */
  track(queue: JobQueue, jobId: string, job: Live): Live {
    const { live } = this.#of(queue);
    if (!live.has(jobId)) this.#live += 1;
    live.set(jobId, job);
    if (this.#live > this.#maxLive) this.#forget('live');
    return job;
  }

  /** Moves the job to the finished ones. */
  end(queue: JobQueue, jobId: string, how: Ended): void {
    const { live, done } = this.#of(queue);
    if (live.delete(jobId)) this.#live -= 1;
    if (!done.delete(jobId)) this.#done += 1;
    done.set(jobId, how);
    if (this.#done > this.#maxDone) this.#forget('done');
    if (!COUNTED_ID.test(jobId)) this.#keepReusable(queue.key, jobId, how);
  }

  /** Jobs on their way, the longest known first. */
  live(queue: JobQueue): Iterable<readonly [jobId: string, job: Live]> {
    return this.#queues.get(queue)?.live ?? [];
  }

  /**
   * To be stored: the latest ends of jobs that an application named itself. It may give the name again, and a later run has to know then that
   * this is another job. Those that Redis numbers never come again.
   */
  reusable(): EndedId<Ended>[] {
    return [...this.#reusable.values()];
  }

  /** As an earlier run left them. */
  continue(ended: readonly EndedId<Ended>[]): void {
    for (const [queueKey, jobId, how] of ended) this.#keepReusable(queueKey, jobId, how);
  }

  /** Forgets a job that is gone without an end of its own: removed by hand. */
  drop(queue: JobQueue, jobId: string): void {
    if (this.#queues.get(queue)?.live.delete(jobId)) this.#live -= 1;
  }

  dropQueue(queue: JobQueue): void {
    const jobs = this.#queues.get(queue);
    if (!jobs) return;
    this.#live -= jobs.live.size;
    this.#done -= jobs.done.size;
    this.#queues.delete(queue);
    for (const [key, [queueKey]] of this.#reusable) if (queueKey === queue.key) this.#reusable.delete(key);
  }

  /** Jobs that have not ended and fit, at most `limit`, the longest known first. O(tracked jobs of the queue). */
  unfinished(queue: JobQueue, limit: number, fits: (job: Live) => boolean = () => true): readonly string[] {
    const found: string[] = [];
    for (const [jobId, job] of this.#queues.get(queue)?.live ?? []) {
      if (fits(job) && found.push(jobId) >= limit) break;
    }
    return found;
  }

  #keepReusable(queueKey: string, jobId: string, how: Ended): void {
    const key = keyOf(queueKey, jobId);
    this.#reusable.delete(key);
    this.#reusable.set(key, [queueKey, jobId, how]);
    if (this.#reusable.size <= MAX_REUSABLE) return;
    for (const oldest of this.#reusable.keys()) {
      this.#reusable.delete(oldest);
      return;
    }
  }

  #of(queue: JobQueue): QueueJobs<Live, Ended> {
    const known = this.#queues.get(queue);
    if (known) return known;
    const made = { live: new Map<string, Live>(), done: new Map<string, Ended>() };
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

function keyOf(queueKey: string, jobId: string): string {
  return `${queueKey}\0${jobId}`;
}
