import { type TaskEvent, taskEvent } from '../../core/task-event.js';
import { isStallFailure, messageOfStack, stackOfAttempt } from '../jobs/job-error.js';
import type { OutcomeDelivery } from '../jobs/outcome-delivery.js';
import { isTimeout, taskError } from './bull-error.js';
import type { BriefJob } from './bull-job-hash.js';
import type { BullMessage, JobLook } from './bull-message.js';
import type { BullQueue } from './bull-queue.js';
import type { BullTally } from './bull-tally.js';
import type { BullTaskTracker, TrackedJob } from './bull-task-tracker.js';
import type { WorkerNames } from './worker-names.js';

export interface MapperOptions {
  readonly tracker: BullTaskTracker;
  readonly delivery: OutcomeDelivery;
  readonly workers: WorkerNames;
  readonly tally: BullTally;
  readonly emit: (event: TaskEvent) => void;
  readonly redact: (value: unknown) => unknown;
  /** Stack traces have been read, the newest last. */
  readonly stacks: (queue: BullQueue, jobId: string, stacks: readonly string[]) => void;
}

/**
 * Bull's messages become events.
 *
 * A job is waiting, active or between two attempts. Bull publishes `waiting` (added, due, retried by hand), `active` (an attempt starts),
 * `completed` and `failed` (the job's end), and nothing at all when a failed attempt will be repeated: that shows only by a second `active`
 * or `waiting` without an end between them, or by its being found among the delayed. `stalled` says that the attempt was taken from a
 * vanished worker; its next start is the same attempt. Everything here is synchronous: what has to be read from Redis came before.
 */
export class BullEventMapper {
  readonly #o: MapperOptions;
  /** Jobs added before this were not watched from their beginning; epoch milliseconds. */
  #watchedSince = Number.POSITIVE_INFINITY;
  /** When a job of the queue was last delayed: mostly the very moment at which an attempt failed. */
  readonly #delayedAt = new WeakMap<BullQueue, number>();

  constructor(options: MapperOptions) {
    this.#o = options;
  }

  /** What was known of the job before the last reconnect may be out of date. */
  isStale(job: TrackedJob): boolean {
    return job.heardAt < this.#watchedSince;
  }

  /** Called whenever the subscription begins, anew or again. */
  watching(since: number): void {
    this.#watchedSince = since;
  }

  take(message: BullMessage, look: JobLook): void {
    const { kind, queue } = message;
    switch (kind) {
      case 'waiting':
        this.#waiting(message, look);
        return;
      case 'active':
        this.#active(message, look);
        return;
      case 'stalled':
        this.#stalled(message);
        return;
      case 'completed':
        this.#completed(message, look);
        return;
      case 'failed':
        this.#failed(message, look);
        return;
      case 'progress':
        this.#progress(message);
        return;
      case 'check':
        this.#check(message, look);
        return;
      case 'duplicated':
      case 'debounced':
        this.#o.tally.duplicated(queue);
        return;
      case 'delayed':
        this.#delayedAt.set(queue, message.at);
        return;
      default: {
        const never: never = kind;
        throw new Error(`unknown kind ${String(never)}`);
      }
    }
  }

  #waiting(message: BullMessage, look: JobLook): void {
    const { queue, jobId, at } = message;
    const known = this.#o.tracker.get(queue, jobId);
    if (known) {
      if (known.state === 'active' && !known.stalled) {
        // Its back-off is over: the attempt itself failed earlier, when it was delayed.
        const delayedAt = this.#delayedAt.get(queue) ?? at;
        this.#retried(queue, jobId, known, look, delayedAt > (known.startedAt ?? at) ? delayedAt : at);
      }
      known.state = 'waiting';
      return;
    }
    const ended = this.#o.tracker.ended(queue, jobId);
    const job = this.#meet(queue, jobId, look.brief, at);
    const retriedByHand = look.brief?.retriedOn != null && look.brief.processedOn === null;
    if (retriedByHand || (ended && look.brief && ended.sentAt === look.brief.sentAt)) {
      this.#o.tally.reprocessed(queue);
      this.#tell('task-requeued', queue, jobId, job, at, { occurrence: job.base + job.attempt + 1 });
    } else if (job.attempt > 0) {
      this.#tell('task-requeued', queue, jobId, job, at, { occurrence: job.base + job.attempt + 1 });
    } else {
      this.#tell('task-sent', queue, jobId, job, at, {
        occurrence: job.base,
        sentAt: job.sentAt,
        eta: job.eta,
      });
    }
  }

  #active(message: BullMessage, look: JobLook): void {
    const { queue, jobId, token, at } = message;
    let job = this.#o.tracker.get(queue, jobId);
    if (job?.state === 'active' && !job.stalled) this.#retried(queue, jobId, job, look, at);
    if (!job) {
      const ended = this.#o.tracker.ended(queue, jobId);
      // Retrying all failed jobs at once publishes nothing but their starts.
      if (ended && look.brief && ended.sentAt === look.brief.sentAt) this.#o.tally.reprocessed(queue);
      job = this.#meet(queue, jobId, look.brief, at);
    }
    if (job.heardAt < this.#watchedSince && look.brief && look.brief.attemptsMade > job.attempt) {
      // Attempts that began and failed while we were not connected.
      this.#missedRetries(queue, jobId, job, look.brief.attemptsMade, look, at);
      job.attempt = look.brief.attemptsMade;
    }
    if (!job.stalled || job.attempt === 0) job.attempt += 1;
    job.stalled = false;
    job.state = 'active';
    job.heardAt = at;
    job.startedAt = at;
    job.token = token;
    job.name ??= look.brief?.name ?? null;
    this.#tell('task-started', queue, jobId, job, at, {
      sentAt: job.sentAt,
      eta: job.eta,
      worker: this.#o.workers.nameOf(queue, token),
    });
  }

  #stalled({ queue, jobId, at }: BullMessage): void {
    const job = this.#o.tracker.get(queue, jobId);
    if (!job) return;
    job.stalled = true;
    job.state = 'waiting';
    this.#tell('task-requeued', queue, jobId, job, at);
  }

  #progress({ queue, jobId, value, valueBytes, at }: BullMessage): void {
    const job = this.#o.tracker.get(queue, jobId);
    this.#tell('task-progress', queue, jobId, job ?? null, at, { value: this.#o.redact(value), valueBytes });
  }

  /** A running job found among the delayed has failed and will be repeated. */
  #check({ queue, jobId, at }: BullMessage, look: JobLook): void {
    const job = this.#o.tracker.get(queue, jobId);
    if (look.delayedUntil === null || !job || job.state !== 'active') return;
    if (look.brief && look.brief.attemptsMade < job.attempt) return;
    this.#retried(queue, jobId, job, look, at);
  }

  #completed({ queue, jobId, value, valueBytes, at }: BullMessage, look: JobLook): void {
    const job = this.#o.tracker.get(queue, jobId);
    const attempt = job?.state === 'active' ? job.attempt : look.brief ? look.brief.attemptsMade + 1 : null;
    this.finish('task-succeeded', queue, jobId, at, attempt, look, {
      value: value === undefined ? undefined : this.#o.redact(value),
      valueBytes,
    });
  }

  #failed({ queue, jobId, value, at }: BullMessage, look: JobLook): void {
    const message = typeof value === 'string' ? value : null;
    const job = this.#o.tracker.get(queue, jobId);
    const stalled = isStallFailure(message);
    const made = look.brief?.attemptsMade ?? 0;
    // Bull counts the attempt when it fails, but not when it stalls.
    const stored = look.brief ? made + (stalled ? 1 : 0) : 0;
    const attempt = stored > 0 ? stored : job && job.attempt > 0 ? job.attempt : null;
    this.finish('task-failed', queue, jobId, at, attempt, look, {
      error: taskError(message, attempt === null ? null : stackOfAttempt(look.stacks, attempt, made)),
      timedOut: isTimeout(message),
    });
  }

  /**
   * The end of a job, heard, or found by a repair. Told at once, unless an agent is expected to tell it better. False where it was known.
   */
  finish(
    kind: 'task-succeeded' | 'task-failed',
    queue: BullQueue,
    jobId: string,
    at: number,
    saidAttempt: number | null,
    look: JobLook,
    said: Partial<TaskEvent>,
  ): boolean {
    const { tracker, tally, workers, delivery } = this.#o;
    this.#o.stacks(queue, jobId, look.stacks);
    const ended = tracker.ended(queue, jobId);
    const known = tracker.get(queue, jobId);
    const sentAt = look.brief?.sentAt ?? known?.sentAt ?? null;
    const base = known?.base ?? tracker.baseFor(queue, jobId, sentAt ?? ended?.sentAt ?? null);
    const attempt = saidAttempt ?? (known ? known.attempt + (known.state === 'active' ? 0 : 1) : null);
    // Without a start since, an end that is not a later attempt is one that was told already, by an agent or a repair.
    if (!known && ended && base === ended.base && (attempt ?? 0) <= ended.attempt) return false;

    const job = known ?? this.#meet(queue, jobId, look.brief, at);
    if (attempt !== null) this.#missedRetries(queue, jobId, job, attempt - 1, look, at);
    tracker.end(queue, jobId, { base, attempt: attempt ?? Math.max(1, ended?.attempt ?? 0), sentAt });
    tally.ended(
      queue,
      kind === 'task-succeeded' ? 'success' : said.error?.type === 'StalledError' ? 'stalled' : 'failure',
    );

    const started = job.state === 'active' && job.attempt === attempt ? job.startedAt : null;
    const brief = look.brief;
    const stored =
      brief?.processedOn != null && brief.finishedOn !== null ? brief.finishedOn - brief.processedOn : null;
    const runtimeMs = stored ?? (started === null ? null : at - started);
    const token = job.state === 'active' ? job.token : null;
    const event = this.#event(kind, queue, jobId, job, at, {
      ...said,
      occurrence: attempt === null ? null : base + attempt,
      runtimeMs: runtimeMs === null ? null : Math.max(0, runtimeMs),
      worker: token === null ? null : workers.nameOf(queue, token),
      sentAt: job.sentAt,
    });
    delivery.deliver(event, queue, jobId, token);
    return true;
  }

  /** The current attempt has failed and the job will be repeated. */
  #retried(queue: BullQueue, jobId: string, job: TrackedJob, look: JobLook, at: number): void {
    this.#o.stacks(queue, jobId, look.stacks);
    this.#missedRetries(queue, jobId, job, job.attempt, look, at);
    job.state = 'retrying';
    if (look.delayedUntil !== null) job.eta = look.delayedUntil;
  }

  /** Tells every attempt up to `last` that ended in a retry and was not told. */
  #missedRetries(queue: BullQueue, jobId: string, job: TrackedJob, last: number, look: JobLook, at: number): void {
    const made = Math.max(look.brief?.attemptsMade ?? 0, last);
    while (job.retried < last) {
      job.retried += 1;
      const current = job.retried === job.attempt && job.state === 'active';
      const message = job.retried === made ? (look.brief?.failedReason ?? null) : null;
      const stack = stackOfAttempt(look.stacks, job.retried, made);
      const error = taskError(message ?? (stack === null ? null : messageOfStack(stack)), stack);
      const event = this.#event('task-retried', queue, jobId, job, at, {
        occurrence: job.base + job.retried,
        error,
        timedOut: error.type === 'TimeoutError' && isTimeout(error.message),
        runtimeMs: current && job.startedAt !== null ? Math.max(0, at - job.startedAt) : null,
        eta: look.delayedUntil,
        worker: current && job.token !== null ? this.#o.workers.nameOf(queue, job.token) : null,
      });
      if (this.#o.delivery.deliver(event, queue, jobId, job.token)) job.retriedTold = job.retried;
    }
  }

  /** Begins to track a job. Attempts made before we watched are not ours to tell; one that began with us has made none. */
  #meet(queue: BullQueue, jobId: string, brief: BriefJob | null, at: number): TrackedJob {
    const fromItsBeginning = brief?.sentAt != null && brief.sentAt >= this.#watchedSince;
    return this.#o.tracker.meet(queue, jobId, brief, at, fromItsBeginning);
  }

  #tell(
    kind: TaskEvent['kind'],
    queue: BullQueue,
    jobId: string,
    job: TrackedJob | null,
    at: number,
    said: Partial<TaskEvent> = {},
  ): void {
    this.#o.emit(this.#event(kind, queue, jobId, job, at, said));
  }

  #event(
    kind: TaskEvent['kind'],
    queue: BullQueue,
    jobId: string,
    job: TrackedJob | null,
    at: number,
    said: Partial<TaskEvent>,
  ): TaskEvent {
    return taskEvent(kind, queue.taskId(jobId), at, {
      occurrence: job && job.attempt > 0 ? job.base + job.attempt : null,
      name: job?.name == null ? null : queue.taskName(job.name),
      queue: queue.label,
      ...said,
    });
  }
}
