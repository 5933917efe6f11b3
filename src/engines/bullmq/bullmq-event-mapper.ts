import type { TaskEvent } from '../../core/task-event.js';
import type { OutcomeDelivery } from '../jobs/outcome-delivery.js';
import { taskError } from './bullmq-error.js';
import type { JobLook } from './bullmq-job-reader.js';
import { readValue } from './bullmq-payload.js';
import type { BullmqQueue } from './bullmq-queue.js';
import type { StreamEntry } from './bullmq-stream-entry.js';
import { type BullmqTaskTracker, type TrackedJob, UNSTARTED } from './bullmq-task-tracker.js';
import { attemptEnded, errorOfAttempt, eventOf, leave, metByEntry } from './bullmq-tracked-job.js';

export interface MapperOptions {
  readonly tracker: BullmqTaskTracker;
  /** What an agent may tell better waits for its word. */
  readonly delivery: OutcomeDelivery;
  readonly emit: (event: TaskEvent) => void;
  readonly redact: (value: unknown) => unknown;
  /** Name shown for whoever runs a job, out of what a look told. */
  readonly workerOf: (queue: BullmqQueue, look: JobLook) => string | null;
  /** Stack traces have been read, the newest last. */
  readonly stacks: (queue: BullmqQueue, jobId: string, stacks: readonly string[]) => void;
}

const UNSTARTED_PLACES: ReadonlySet<string> = new Set(['wait', 'paused', 'delayed', 'prioritized', 'waiting-children']);

/**
 * BullMQ's stream entries become events. Entries are complete and in order; times are Redis' own clock, so that a start and an end give a run
 * time without reading the job.
 *
 * A job is added, then waiting, delayed or waiting for its children; active; and over. A failed attempt that will be repeated shows only as
 * `waiting` or `delayed` of an active job, and so does one that is not over but was put back: by a rate limit, by a processor that asked to
 * be delayed, or because its worker vanished (`stalled` follows at once). The job's own counter of ended attempts tells them apart; version
 * 4 has none, but there a rate limit leaves `prev` out.
 */
export class BullmqEventMapper {
  readonly #o: MapperOptions;

  constructor(options: MapperOptions) {
    this.#o = options;
  }

  /** `next` is the entry that follows in the same stream, where it is known. */
  take(queue: BullmqQueue, entry: StreamEntry, look: JobLook, next: StreamEntry | undefined): void {
    switch (entry.kind) {
      case 'added':
        this.#added(queue, entry);
        break;
      case 'waiting':
        this.#waiting(queue, entry, look, next?.kind === 'stalled' && next.jobId === entry.jobId);
        break;
      case 'delayed':
        this.#delayed(queue, entry, look);
        break;
      case 'waiting-children':
        this.#waitsForChildren(queue, entry, look);
        break;
      case 'active':
        this.#active(queue, entry, look);
        break;
      case 'progress':
        this.#progress(queue, entry);
        break;
      case 'completed':
        this.#completed(queue, entry, look);
        break;
      case 'failed':
        this.#failed(queue, entry, look);
        break;
      case 'removed':
        this.#removed(queue, entry);
        break;
      case 'stalled':
      case 'duplicated':
      case 'deduplicated':
      case 'other':
        break;
      default:
        entry.kind satisfies never;
    }
  }

  /** Told with the next entry, which says whether it waits for a time: the library writes both at once. */
  #added(queue: BullmqQueue, { jobId, name, at }: StreamEntry): void {
    this.#o.tracker.meet(queue, jobId, { ...UNSTARTED, name, sentAt: at, state: 'added' }, false);
  }

  #waiting(queue: BullmqQueue, entry: StreamEntry, look: JobLook, stalled: boolean): void {
    const { jobId, prev, at } = entry;
    const job = this.#known(queue, entry, look);
    switch (job.state) {
      case 'added':
        this.#sent(queue, jobId, job, at);
        break;
      case 'active':
        if (!stalled && prev !== null && attemptEnded(job, look.brief)) this.#retried(queue, entry, job, look, null);
        else this.#requeued(queue, jobId, job, at);
        break;
      case 'waiting':
        // Retried by hand: everything else that becomes waiting was elsewhere before, or is new to us and told with its name.
        if (prev === 'failed' || prev === 'completed') this.#requeued(queue, jobId, job, at);
        break;
      default:
    }
    leave(job, 'waiting', at);
  }

  #delayed(queue: BullmqQueue, entry: StreamEntry, look: JobLook): void {
    const { jobId, due, at } = entry;
    const job = this.#known(queue, entry, look);
    job.eta = due ?? job.eta;
    if (job.state === 'added') this.#sent(queue, jobId, job, at);
    else if (job.state === 'active') {
      if (attemptEnded(job, look.brief)) this.#retried(queue, entry, job, look, due);
      else this.#requeued(queue, jobId, job, at);
    }
    leave(job, 'delayed', at);
  }

  #waitsForChildren(queue: BullmqQueue, entry: StreamEntry, look: JobLook): void {
    const job = this.#known(queue, entry, look);
    if (job.state === 'added') this.#sent(queue, entry.jobId, job, entry.at);
    else if (job.state === 'active') this.#requeued(queue, entry.jobId, job, entry.at);
    leave(job, 'children', entry.at);
  }

  #active(queue: BullmqQueue, entry: StreamEntry, look: JobLook): void {
    const { jobId, at } = entry;
    const job = this.#known(queue, entry, look);
    // Two starts in a row: what lay between was cut off the stream.
    const unheard = job.state === 'active' && !job.primed && look.brief !== null && job.startedAt !== null;
    if (unheard && attemptEnded(job, look.brief)) this.#retried(queue, entry, job, look, null);
    if (!job.primed) job.attempt += 1;
    job.primed = false;
    job.state = 'active';
    job.startedAt = at;
    job.token = look.token;
    job.worker = this.#o.workerOf(queue, look);
    this.#tell('task-started', queue, jobId, job, at, { sentAt: job.sentAt, eta: job.eta, worker: job.worker });
  }

  #progress(queue: BullmqQueue, { jobId, text, at }: StreamEntry): void {
    const job = this.#o.tracker.get(queue, jobId);
    const value = readValue(text);
    const said = value === undefined ? {} : { value: this.#o.redact(value), valueBytes: text?.length ?? 0 };
    this.#tell('task-progress', queue, jobId, job ?? null, at, said);
  }

  #completed(queue: BullmqQueue, entry: StreamEntry, look: JobLook): void {
    const value = readValue(entry.text);
    this.#ended('task-succeeded', queue, entry, look, {
      value: value === undefined ? undefined : this.#o.redact(value),
      valueBytes: entry.text?.length ?? 0,
    });
  }

  #failed(queue: BullmqQueue, entry: StreamEntry, look: JobLook): void {
    const stack = look.stacks[look.stacks.length - 1] ?? null;
    this.#o.stacks(queue, entry.jobId, look.stacks);
    const stopped = this.#o.tracker.get(queue, entry.jobId)?.stopping === true;
    this.#ended(stopped ? 'task-revoked' : 'task-failed', queue, entry, look, { error: taskError(entry.text, stack) });
  }

  #ended(
    kind: 'task-succeeded' | 'task-failed' | 'task-revoked',
    queue: BullmqQueue,
    entry: StreamEntry,
    look: JobLook,
    said: Partial<TaskEvent>,
  ): void {
    const { tracker } = this.#o;
    const { jobId, at } = entry;
    const known = tracker.get(queue, jobId);
    // Found by a repair before its entry was read.
    if (!known && tracker.ended(queue, jobId)?.repaired) return;
    const job = known ?? this.#known(queue, entry, look);
    const running = job.state === 'active';
    // A parent may fail without a start of its own, because a child did.
    if (!running || job.attempt === 0) job.attempt += 1;
    const runtimeMs = running && job.startedAt !== null ? Math.max(0, at - job.startedAt) : null;
    const event = eventOf(kind, queue, jobId, job, at, {
      ...said,
      runtimeMs,
      worker: running ? job.worker : null,
      sentAt: job.sentAt,
    });
    tracker.end(queue, jobId, { base: job.base, attempt: job.attempt, repaired: false });
    // One that ends without running was ended by no worker.
    if (running) this.#o.delivery.deliver(event, queue, jobId, job.token);
    else this.#o.emit(event);
  }

  /**
   * An end that the stream no longer tells, found otherwise. `look` null: the job is gone, and only that it ended is certain. False where it was
   * known.
   */
  found(
    kind: 'task-succeeded' | 'task-failed',
    queue: BullmqQueue,
    jobId: string,
    at: number,
    look: JobLook | null,
  ): boolean {
    const { tracker } = this.#o;
    const known = tracker.get(queue, jobId);
    if (!known && (look === null || tracker.ended(queue, jobId))) return false;
    const brief = look?.brief ?? null;
    const job =
      known ??
      tracker.meet(queue, jobId, { ...UNSTARTED, name: brief?.name ?? null, sentAt: brief?.sentAt ?? null }, true);
    job.attempt = Math.max(1, brief?.started ?? 0, job.attempt);
    const started = brief?.processedOn ?? null;
    const stack = look?.stacks[look.stacks.length - 1] ?? null;
    this.#o.stacks(queue, jobId, look?.stacks ?? []);
    this.#tell(kind, queue, jobId, job, brief?.finishedOn ?? at, {
      sentAt: job.sentAt,
      runtimeMs: started === null || brief?.finishedOn == null ? null : Math.max(0, brief.finishedOn - started),
      worker: brief?.worker ?? null,
      error: kind === 'task-failed' ? taskError(brief?.failedReason ?? null, stack) : null,
    });
    tracker.end(queue, jobId, { base: job.base, attempt: job.attempt, repaired: true });
    return true;
  }

  /** Removing a job that has not run is what revoking means; one that is over only leaves the shelf. */
  #removed(queue: BullmqQueue, { jobId, prev, at }: StreamEntry): void {
    const { tracker } = this.#o;
    const job = tracker.get(queue, jobId);
    if (prev === 'completed' || prev === 'failed') return;
    if (!job) {
      // Added before we watched, and gone: its name can no longer be read.
      if (prev !== null && UNSTARTED_PLACES.has(prev)) this.#tell('task-revoked', queue, jobId, null, at, {});
      return;
    }
    if (job.state !== 'active') job.attempt += 1;
    this.#tell('task-revoked', queue, jobId, job, at, {});
    tracker.end(queue, jobId, { base: job.base, attempt: job.attempt, repaired: false });
  }

  /** The attempt has failed and the job will be repeated. */
  #retried(queue: BullmqQueue, { jobId, at }: StreamEntry, job: TrackedJob, look: JobLook, eta: number | null): void {
    const { brief, stacks } = look;
    this.#o.stacks(queue, jobId, stacks);
    job.ended = job.ended === null ? null : job.ended + 1;
    // An agent has told it before.
    if (job.retried >= job.attempt) return;
    job.retried = job.attempt;
    const event = eventOf('task-retried', queue, jobId, job, at, {
      error: errorOfAttempt(job.ended, brief, stacks),
      runtimeMs: job.startedAt === null ? null : Math.max(0, at - job.startedAt),
      worker: job.worker,
      eta,
    });
    this.#o.delivery.deliver(event, queue, jobId, job.token);
  }

  #sent(queue: BullmqQueue, jobId: string, job: TrackedJob, at: number): void {
    this.#tell('task-sent', queue, jobId, job, at, { occurrence: job.base, sentAt: job.sentAt, eta: job.eta });
  }

  /** Back among the waiting without an end: it counts as being before its next start. */
  #requeued(queue: BullmqQueue, jobId: string, job: TrackedJob, at: number): void {
    this.#tell('task-requeued', queue, jobId, job, at, { occurrence: job.base + job.attempt + 1, sentAt: job.sentAt });
  }

  /** The job as tracked; one that was added before we watched is met now, with what Redis stores of it. */
  #known(queue: BullmqQueue, entry: StreamEntry, look: JobLook): TrackedJob {
    const { tracker } = this.#o;
    const known = tracker.get(queue, entry.jobId);
    const { brief } = look;
    if (known) {
      known.name ??= brief?.name ?? null;
      return known;
    }
    return tracker.meet(queue, entry.jobId, metByEntry(entry.kind, look, tracker.ended(queue, entry.jobId)), true);
  }

  #tell(
    kind: TaskEvent['kind'],
    queue: BullmqQueue,
    jobId: string,
    job: TrackedJob | null,
    at: number,
    said: Partial<TaskEvent>,
  ): void {
    this.#o.emit(eventOf(kind, queue, jobId, job, at, said));
  }
}
