import { Attempt } from './attempt.js';
import type { BullmqJob } from './bullmq-worker.js';
import { attemptNumber, failedForGood } from './bullmq-worker.js';

/** An attempt at a BullMQ job. */
export class BullmqAttempt extends Attempt {
  readonly job: BullmqJob;
  readonly #finishedOnBefore: unknown;
  #begun = false;

  constructor(job: BullmqJob) {
    super(attemptNumber(job));
    this.job = job;
    this.#finishedOnBefore = job.finishedOn;
  }

  /** True the first time: then the start is to be told. */
  begin(): boolean {
    const first = !this.#begun;
    this.#begun = true;
    return first;
  }

  /** After BullMQ's `failed` event: whether the job is among the failed now, or will be tried again. */
  failedForGood(failure: unknown): boolean {
    return failedForGood(this.job, failure, this.#finishedOnBefore);
  }
}
