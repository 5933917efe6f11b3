import { BullmqAttempt } from './bullmq-attempt.js';
import type { BullmqWorker, WorkerMethod } from './bullmq-worker.js';
import { attemptNumber, concurrencyOf, failedForGood, isBullmqJob, prefixOf } from './bullmq-worker.js';
import { abort, TaskRevoked } from './cancellation.js';
import { FactRecorder } from './fact-recorder.js';
import type { CancelAnswer, Instrumented } from './instrumented.js';
import { ABORTED, ENDED, NO_SIGNAL } from './instrumented.js';
import type { Outbox } from './outbox.js';
import type { AgentReport, ControlRequest, FactKind } from './protocol.js';
import { originalFailure, withoutRetry } from './revoked-failure.js';
import { SandboxChildren } from './sandbox-children.js';
import { stopChild } from './stop-child.js';
import { encodeResult } from './task-result.js';

/**
 * Listens to one BullMQ worker and writes down what happens to the jobs it runs. BullMQ emits `completed` and `failed` after Redis has
 * confirmed the change, and on the worker that made it. A job that is put back, by a rate limit, to be delayed or to wait for children,
 * ends its run without either: that is no attempt's end.
 *
 * Versions 4 and early 5 fail a job that has stalled too often at once, on the worker that finds it; later ones leave a note for the next
 * worker that takes it, which fails it without calling the processor.
 */
export class InstrumentedWorker implements Instrumented {
  readonly engine = 'bullmq';
  readonly prefix: string;
  readonly queue: string;
  readonly #worker: BullmqWorker;
  readonly #facts: FactRecorder;
  readonly #process: WorkerMethod;
  readonly #call: WorkerMethod;
  readonly #running = new Map<unknown, BullmqAttempt>();
  #released = false;

  constructor(worker: BullmqWorker, outbox: Outbox, onFact: () => void) {
    this.prefix = prefixOf(worker);
    this.queue = worker.name;
    this.#worker = worker;
    this.#facts = new FactRecorder(this, outbox, onFact);
    this.#process = worker.processJob.bind(worker);
    this.#call = worker.callProcessJob.bind(worker);
    worker.processJob = this.#watchedProcess;
    worker.callProcessJob = this.#watchedCall;
    worker.on('completed', this.#onCompleted);
    worker.on('failed', this.#onFailed);
  }

  get worksOn(): boolean {
    return typeof this.#worker.processFn === 'function';
  }

  get busy(): number {
    return this.#running.size;
  }

  get report(): AgentReport['queues'][number] {
    const { engine, prefix, queue, busy } = this;
    return { engine, prefix, queue, token: this.#worker.id, concurrency: concurrencyOf(this.#worker), busy };
  }

  release(): void {
    this.#released = true;
    if (this.#worker.processJob === this.#watchedProcess) this.#worker.processJob = this.#process;
    if (this.#worker.callProcessJob === this.#watchedCall) this.#worker.callProcessJob = this.#call;
    this.#worker.removeListener('completed', this.#onCompleted);
    this.#worker.removeListener('failed', this.#onFailed);
    this.#running.clear();
  }

  async cancel(request: ControlRequest, signal: NodeJS.Signals): Promise<CancelAnswer | null> {
    const attempt = [...this.#running.values()].find((it) => it.job.id === request.jobId);
    if (attempt === undefined) return null;
    if (attempt.settled) return ENDED;
    const reason = new TaskRevoked(`Task ${this.queue}:${request.jobId} was revoked.`);
    const children = SandboxChildren.of(this.#worker.childPool);
    const starting = children?.childOf(attempt.job) ?? null;
    if (children !== null && starting !== null) {
      const child = await starting;
      // Where the version has it: the child may end in order, if its processor takes a signal. Nobody can know whether it does.
      if (!attempt.settled) this.#worker.cancelJob?.(request.jobId, reason.message);
      return stopChild(attempt, children, child, signal);
    }

    const own = abort(attempt.job, reason);
    const library = this.#worker.cancelJob?.(request.jobId, reason) === true;
    if (!own && !library) return NO_SIGNAL;
    attempt.revoke();
    return ABORTED;
  }

  readonly #watchedProcess: WorkerMethod = (job, ...rest) => {
    if (this.#released || !isBullmqJob(job)) return this.#process(job, ...rest);
    this.#running.set(job, new BullmqAttempt(job));
    const over = this.#process(job, ...rest);
    // Still there where the job was put back, or where storing the outcome failed for want of the lock or of Redis.
    const forget = (): void => void this.#running.delete(job);
    over.then(forget, forget);
    return over;
  };

  /** The only place that sees the true start, before any synchronous work, and the true end, before it is stored. */
  readonly #watchedCall: WorkerMethod = async (job, ...rest) => {
    const attempt = this.#running.get(job);
    const call = (): Promise<unknown> => this.#call(job, ...rest);
    if (attempt === undefined) return call();
    this.#begin(attempt);
    const children = SandboxChildren.of(this.#worker.childPool);
    try {
      return await (children === null ? call() : children.watch(attempt.job, call));
    } catch (failure) {
      throw attempt.revokeRequested ? withoutRetry(failure) : failure;
    } finally {
      attempt.settle();
    }
  };

  readonly #onCompleted = (job: unknown, result: unknown): void => {
    if (!isBullmqJob(job)) return;
    const attempt = this.#end(job);
    this.#facts.tell(
      {
        kind: 'succeeded',
        job,
        attempt: attempt?.number ?? attemptNumber(job),
        at: Date.now(),
        runtimeMs: attempt?.runtimeMs ?? null,
      },
      encodeResult(result),
    );
  };

  readonly #onFailed = (erasable: unknown, failure: unknown): void => {
    const job = isBullmqJob(erasable) ? erasable : null;
    const attempt = this.#end(erasable);
    // Not run by this worker, and failed by it: stalled. One that was running before the agent came cannot be told from it, but is judged alike.
    const final = attempt?.failedForGood(failure) ?? (job === null || failedForGood(job, failure));
    const finalKind: FactKind = attempt?.revokeRequested === true ? 'revoked' : 'failed';
    this.#facts.tell({
      kind: final ? finalKind : 'retried',
      job,
      attempt: attempt?.number ?? (job === null ? 1 : attemptNumber(job)),
      at: Date.now(),
      runtimeMs: attempt?.runtimeMs ?? null,
      failure: originalFailure(failure),
    });
  };

  #begin(attempt: BullmqAttempt): void {
    if (!attempt.begin()) return;
    const { job, number, startedAt } = attempt;
    this.#facts.tell({ kind: 'started', job, attempt: number, at: startedAt, runtimeMs: null });
  }

  /** Its start is told now where the processor was never called: every end that is followed has one. */
  #end(job: unknown): BullmqAttempt | undefined {
    const attempt = this.#running.get(job);
    this.#running.delete(job);
    if (attempt !== undefined) this.#begin(attempt);
    return attempt;
  }
}
