import { BullAttempt } from './bull-attempt.js';
import type { BullQueue, ProcessJob } from './bull-queue.js';
import { concurrencyOf, hasProcessor, isBullJob } from './bull-queue.js';
import { abort, TaskRevoked, TaskTimedOut } from './cancellation.js';
import { FactRecorder } from './fact-recorder.js';
import { watchStoring } from './failure-storing.js';
import type { CancelAnswer, Instrumented } from './instrumented.js';
import { ABORTED, ENDED, NO_SIGNAL } from './instrumented.js';
import type { Outbox } from './outbox.js';
import type { AgentReport, ControlRequest, FactKind } from './protocol.js';
import { SandboxChildren } from './sandbox-children.js';
import { stopChild } from './stop-child.js';
import { isBullTimeout } from './task-failure.js';
import { encodeResult } from './task-result.js';

/** Bull's word for a job that lost its worker more often than maxStalledCount allows. */
const STALLED_FOR_GOOD = 'job stalled more than allowable limit';

/**
 * Listens to one Bull queue object and writes down what happens to the jobs it runs. Bull emits `completed` and `failed` after Redis has
 * confirmed the change, and on the queue object that made it: each is told by exactly one worker. A job whose lock was lost meanwhile
 * ends without either event here; whoever found it stalled tells of it. Failures that Redis refused to store are no ends.
 */
export class InstrumentedQueue implements Instrumented {
  readonly engine = 'bull';
  readonly prefix: string;
  readonly queue: string;
  readonly #bull: BullQueue;
  readonly #facts: FactRecorder;
  readonly #process: ProcessJob;
  readonly #running = new Map<unknown, BullAttempt>();
  #released = false;

  constructor(bull: BullQueue, outbox: Outbox, onFact: () => void) {
    this.prefix = bull.keyPrefix;
    this.queue = bull.name;
    this.#bull = bull;
    this.#facts = new FactRecorder(this, outbox, onFact);
    this.#process = bull.processJob;
    bull.processJob = this.#watchedProcess;
    bull.on('active', this.#onActive);
    bull.on('completed', this.#onCompleted);
    bull.on('failed', this.#onFailed);
  }

  get worksOn(): boolean {
    return hasProcessor(this.#bull);
  }

  get busy(): number {
    return this.#running.size;
  }

  get report(): AgentReport['queues'][number] {
    const { engine, prefix, queue, busy } = this;
    return { engine, prefix, queue, token: this.#bull.token, concurrency: concurrencyOf(this.#bull), busy };
  }

  release(): void {
    this.#released = true;
    if (this.#bull.processJob === this.#watchedProcess) this.#bull.processJob = this.#process;
    this.#bull.removeListener('active', this.#onActive);
    this.#bull.removeListener('completed', this.#onCompleted);
    this.#bull.removeListener('failed', this.#onFailed);
    this.#running.clear();
  }

  async cancel(request: ControlRequest, signal: NodeJS.Signals): Promise<CancelAnswer | null> {
    const attempt = [...this.#running.values()].find((it) => String(it.job.id) === request.jobId);
    if (attempt === undefined) return null;
    if (attempt.settled) return ENDED;
    const children = SandboxChildren.of(this.#bull.childPool);
    const starting = children?.childOf(attempt.job) ?? null;
    if (children !== null && starting !== null) return stopChild(attempt, children, await starting, signal);

    if (!abort(attempt.job, new TaskRevoked(`Task ${this.queue}:${request.jobId} was revoked.`))) return NO_SIGNAL;
    attempt.revoke();
    return ABORTED;
  }

  /** Bull calls this with each job it has taken; the only place that sees the true start, before any synchronous work. */
  readonly #watchedProcess: ProcessJob = (job, notFetch) => {
    if (this.#released || !isBullJob(job)) return this.#process(job, notFetch);
    const attempt = new BullAttempt(job);
    this.#running.set(job, attempt);
    watchStoring(job, () => attempt.refuse());
    const children = SandboxChildren.of(this.#bull.childPool);
    const start = (): Promise<unknown> => this.#process(job, notFetch);
    const stored = children === null ? start() : children.watch(job, start);
    // Still there only where storing the outcome failed, for want of the lock or of Redis.
    const forget = (): void => void this.#running.delete(job);
    stored.then(forget, forget);
    return stored;
  };

  readonly #onActive = (job: unknown, result: unknown): void => {
    if (!isBullJob(job)) return;
    // The first job after a late start comes past #watchedProcess.
    const attempt = this.#running.get(job) ?? new BullAttempt(job);
    this.#running.set(job, attempt);
    this.#facts.tell({ kind: 'started', job, attempt: attempt.number, at: attempt.startedAt, runtimeMs: null });
    if (!isThenable(result)) return;
    result.then(
      () => attempt.resolve(),
      (failure: unknown) => {
        attempt.settle();
        if (isBullTimeout(failure, job.opts.timeout))
          abort(job, new TaskTimedOut(`Task ${this.queue}:${job.id} ran out of time.`));
      },
    );
  };

  readonly #onCompleted = (job: unknown, result: unknown): void => {
    if (!isBullJob(job)) return;
    const attempt = this.#running.get(job);
    this.#running.delete(job);
    const number = attempt?.number ?? job.attemptsMade + 1;
    this.#facts.tell(
      { kind: 'succeeded', job, attempt: number, at: Date.now(), runtimeMs: attempt?.runtimeMs ?? null },
      encodeResult(result),
    );
  };

  readonly #onFailed = (erasable: unknown, failure: unknown): void => {
    const attempt = this.#running.get(erasable);
    this.#running.delete(erasable);
    // It has not ended: Redis holds it for active, and it will be run over again.
    if (attempt?.refused) return;
    const kind = attempt === undefined ? unfollowedFailure(erasable, failure) : outcomeOf(attempt);
    const number = attempt?.number ?? attemptThatFailed(erasable, failure);
    const job = isBullJob(erasable) ? erasable : null;
    const timedOut = job !== null && kind !== 'revoked' && isBullTimeout(failure, job.opts.timeout);
    const runtimeMs = attempt?.runtimeMs ?? null;
    this.#facts.tell({ kind, job, attempt: number, at: Date.now(), runtimeMs, failure, timedOut });
  };
}

function outcomeOf(attempt: BullAttempt): FactKind {
  if (!attempt.failedForGood) return 'retried';
  return attempt.revokeRequested ? 'revoked' : 'failed';
}

/** Of a job that this queue object did not run (a stall), or that was running before the agent came. */
function unfollowedFailure(job: unknown, failure: unknown): FactKind {
  if (!isBullJob(job) || isStall(failure)) return 'failed';
  return typeof job.finishedOn === 'number' ? 'failed' : 'retried';
}

/** Bull raises attemptsMade with a failure, but not with a stall. */
function attemptThatFailed(job: unknown, failure: unknown): number {
  if (!isBullJob(job)) return 1;
  return isStall(failure) ? job.attemptsMade + 1 : job.attemptsMade;
}

function isStall(failure: unknown): boolean {
  return (
    typeof failure === 'object' && failure !== null && 'message' in failure && failure.message === STALLED_FOR_GOOD
  );
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
