import { UNKNOWN_JOB_NAME } from '../../../agent/protocol.js';
import type { TaskEvent } from '../../core/task-event.js';
import type { JobQueue } from './job-queue.js';
import type { HeldOutcome, OutcomeHolder } from './outcome-holder.js';

/** An agent that was cut off tells what it saw when it is back; after this long the two accounts are no longer of one event. */
const REMEMBER_MS = 60_000;
const MAX_REMEMBERED = 10_000;

/**
 * Two accounts of one event: a job that has stalled too often and is erased at once is published by Bull with its id, and told without one by
 * the agent whose worker found it stalled. Which two belong together nobody can know, but each pair is one failure, so they are matched by
 * number, queue by queue.
 */
export class StallMatcher {
  readonly #holder: OutcomeHolder;
  readonly #now: () => number;
  /** Moments at which a stall failure was told by what was published, and not yet matched. */
  readonly #told = new WeakMap<JobQueue, number[]>();

  constructor(holder: OutcomeHolder, now: () => number) {
    this.#holder = holder;
    this.#now = now;
  }

  /** To be called for every outcome that is told because it was published. */
  published(queue: JobQueue, event: TaskEvent): void {
    if (!isStall(event)) return;
    const moments = this.#recent(queue);
    if (moments.length < MAX_REMEMBERED) moments.push(this.#now());
  }

  /** An agent tells a stall failure: true where it is the other account of a published one, which is then told, if it was not before. */
  match(queue: JobQueue): boolean {
    const moments = this.#recent(queue);
    if (moments.length === 0) {
      this.#holder.releaseFitting(1, (held: HeldOutcome) => held.queue === queue && isStall(held.event));
    }
    return this.#recent(queue).shift() !== undefined;
  }

  #recent(queue: JobQueue): number[] {
    const since = this.#now() - REMEMBER_MS;
    const moments = (this.#told.get(queue) ?? []).filter((at) => at >= since);
    this.#told.set(queue, moments);
    return moments;
  }
}

/** Facts and totals of jobs that were erased before anybody could read them. */
export function isNameless(jobName: string): boolean {
  return jobName === UNKNOWN_JOB_NAME;
}

function isStall(event: TaskEvent): boolean {
  return event.kind === 'task-failed' && event.error?.type === 'StalledError';
}
