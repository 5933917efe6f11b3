/** What an application has to hand over: a Worker of bullmq 4, 5 or 6. Said by shape, so that the agent needs no bullmq of its own. */
export interface BullmqWorkerLike {
  readonly name: string;
  readonly opts: object;
  isRunning(): boolean;
  close(force?: boolean): Promise<unknown>;
}

type Listener = (...args: readonly unknown[]) => void;
export type WorkerMethod = (job: unknown, ...rest: readonly unknown[]) => Promise<unknown>;

/** What the agent uses of a BullMQ worker. A part of it is not documented, but the same from 4.x to 6.x. */
export interface BullmqWorker extends BullmqWorkerLike {
  /** Opens each lock token of this worker: `<id>:<n>`. */
  readonly id: string;
  /** There once the worker has a processor; a worker without one takes its jobs by hand. */
  readonly processFn?: unknown;
  /** There where the processor is sandboxed. */
  readonly childPool?: unknown;
  /** Takes a fetched job to its end. Looked up afresh for each job, like the next one: so both can be replaced at any time. */
  processJob: WorkerMethod;
  /** Calls the processor. A job that is failed without being run, as after too many stalls, never comes here. */
  callProcessJob: WorkerMethod;
  /** From late 5.x on: aborts the signal that a processor takes as its third argument. */
  cancelJob?(jobId: string, reason: unknown): boolean;
  on(event: string, listener: Listener): unknown;
  removeListener(event: string, listener: Listener): unknown;
}

export interface BullmqJob {
  readonly id: string;
  readonly name: string;
  readonly timestamp: number;
  /** From 5 on: attempts that have ended, this one not among them. In 4: attempts that have started, this one among them. */
  readonly attemptsMade: number;
  /** From 5 on. */
  readonly attemptsStarted?: unknown;
  readonly finishedOn?: unknown;
  readonly opts: { readonly attempts?: unknown; readonly delay?: unknown };
}

/** Several copies of bullmq may be installed, so workers are known by their shape. */
export function isBullmqWorker(value: unknown): value is BullmqWorker {
  return (
    typeof value === 'object' &&
    value !== null &&
    'processJob' in value &&
    METHODS.every((method) => typeof Reflect.get(value, method) === 'function') &&
    typeof Reflect.get(value, 'id') === 'string' &&
    typeof Reflect.get(value, 'name') === 'string' &&
    isObject(Reflect.get(value, 'opts'))
  );
}

const METHODS = ['processJob', 'callProcessJob', 'isRunning', 'close', 'on', 'removeListener'] as const;

export function isBullmqJob(value: unknown): value is BullmqJob {
  return (
    isObject(value) &&
    typeof Reflect.get(value, 'id') === 'string' &&
    typeof Reflect.get(value, 'name') === 'string' &&
    typeof Reflect.get(value, 'timestamp') === 'number' &&
    typeof Reflect.get(value, 'attemptsMade') === 'number' &&
    isObject(Reflect.get(value, 'opts'))
  );
}

export function prefixOf(worker: BullmqWorker): string {
  const prefix: unknown = Reflect.get(worker.opts, 'prefix');
  return typeof prefix === 'string' ? prefix : 'bull';
}

/** Jobs it can run at once. Version 4 keeps a change of it in its options only. */
export function concurrencyOf(worker: BullmqWorker): number {
  const now: unknown = Reflect.get(worker, 'concurrency') ?? Reflect.get(worker.opts, 'concurrency');
  return typeof now === 'number' ? now : 1;
}

/** The software a worker runs on, such as `bullmq 6.7.0`, as the part of it says that names its scripts in Redis. */
export function bullmqSoftware(worker: BullmqWorker): string {
  for (const part of ['backend', 'scripts']) {
    const holder: unknown = Reflect.get(worker, part);
    const version: unknown = isObject(holder) ? Reflect.get(holder, 'version') : null;
    if (typeof version === 'string') return `bullmq ${version}`;
  }
  return 'bullmq';
}

/**
 * Counts starts, as the service does from the events stream: one that was lost to a stall, or put back by a rate limit or by the processor
 * itself, has a number too. `attemptsMade` plus one would give such an attempt and the next one the same number.
 */
export function attemptNumber(job: BullmqJob): number {
  return Math.max(1, typeof job.attemptsStarted === 'number' ? job.attemptsStarted : job.attemptsMade);
}

/**
 * After a `failed` event: true where the job is among the failed, false where it will be tried again. BullMQ says so by setting finishedOn,
 * which also tells of a backoff strategy that answered -1; for the releases that do not set it, there is the rule.
 */
export function failedForGood(job: BullmqJob, failure: unknown, finishedOnBefore?: unknown): boolean {
  if (typeof job.finishedOn === 'number' && job.finishedOn !== finishedOnBefore) return true;
  const unrecoverable = isObject(failure) && Reflect.get(failure, 'name') === 'UnrecoverableError';
  // attemptsMade has been raised by now, in version 4 from the start.
  return unrecoverable || !(job.attemptsMade < Number(job.opts.attempts ?? 1));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
