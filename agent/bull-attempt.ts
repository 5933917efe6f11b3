import { Attempt } from './attempt.js';
import type { BullJob } from './bull-queue.js';

/** An attempt at a Bull job. Bull counts failures only; an attempt lost to a stall is repeated under the same number. */
export class BullAttempt extends Attempt {
  readonly job: BullJob;
  readonly #finishedOnBefore: unknown;
  #resolved = false;
  #refused = false;

  constructor(job: BullJob) {
    super(job.attemptsMade + 1);
    this.job = job;
    this.#finishedOnBefore = job.finishedOn;
  }

  /** The processor has returned. */
  resolve(): void {
    this.#resolved = true;
    this.settle();
  }

  override revoke(): void {
    super.revoke();
    this.job.discard();
  }

  /** Redis has refused to store its failure, which Bull announces none the less. */
  refuse(): void {
    this.#refused = true;
  }

  get refused(): boolean {
    return this.#refused;
  }

  /**
   * After Bull's `failed` event: whether Bull put the job among the failed, or back to be tried again. Bull says so only by setting
   * finishedOn, which also tells of a backoff strategy that answered -1. But where the processor succeeded and storing its result failed,
   * finishedOn stems from that, and only the rest of Bull's rule is left.
   */
  get failedForGood(): boolean {
    return this.#resolved ? attemptsExhausted(this.job) : this.job.finishedOn !== this.#finishedOnBefore;
  }
}

/** Bull's rule after a failure, without the backoff strategy's veto. */
function attemptsExhausted(job: BullJob): boolean {
  const discarded = '_discarded' in job && job._discarded === true;
  return discarded || job.attemptsMade >= Number(job.opts.attempts ?? 1);
}
