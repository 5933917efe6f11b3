import type { Clock } from '../../core/clock.js';
import type { JobQueue } from './job-queue.js';

/**
 * Bull's workers move a job to the active ones and lock it in two steps, and any live worker takes a stalled one back: a missing lock means
 * nothing until it is missed for so long.
 */
const MISSED_FOR_MS = 3_000;

/**
 * Active jobs without a lock: their worker is gone, and unless another worker looks for stalled jobs they stay active for ever. The
 * libraries look only inside workers; this works with all of them down.
 */
export class OrphanedJobs {
  readonly #clock: Clock;
  readonly #missing = new Map<JobQueue, Map<string, number>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  sample(
    queue: JobQueue,
    seen: { readonly activeIds: readonly string[]; readonly tokens: readonly (string | null)[] },
  ): void {
    const before = this.#missing.get(queue);
    const now = this.#clock.monotonic();
    const missing = new Map<string, number>();
    seen.activeIds.forEach((jobId, index) => {
      if (seen.tokens[index] === null) missing.set(jobId, before?.get(jobId) ?? now);
    });
    if (missing.size > 0) this.#missing.set(queue, missing);
    else this.#missing.delete(queue);
  }

  count(queue: JobQueue): number {
    let count = 0;
    for (const since of this.#missing.get(queue)?.values() ?? [])
      if (this.#clock.monotonic() - since >= MISSED_FOR_MS) count += 1;
    return count;
  }

  has(queue: JobQueue, jobId: string): boolean {
    const since = this.#missing.get(queue)?.get(jobId);
    return since !== undefined && this.#clock.monotonic() - since >= MISSED_FOR_MS;
  }

  forget(queue: JobQueue): void {
    this.#missing.delete(queue);
  }
}
