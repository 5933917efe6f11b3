import type { AttemptOutcome, TaskError } from './task.js';
import type { Worker } from './worker.js';

export const TASK_EVENT_KINDS = [
  'task-sent',
  /** Back among the waiting: retried by hand, or taken from a worker that vanished. */
  'task-requeued',
  'task-received',
  'task-started',
  'task-progress',
  'task-succeeded',
  'task-failed',
  'task-retried',
  'task-revoked',
  'task-rejected',
  /** It runs no more, and how it ended is not known. Its occurrence is that of its start, so that any end told later says more. */
  'task-lost',
] as const;
export type TaskEventKind = (typeof TASK_EVENT_KINDS)[number];

/**
 * One fact about one task. A single flat shape for all kinds: the event path handles tens of thousands a second, and objects of one
 * shape are what the engine under us is fastest with. `null` is "not said by this event", never "none".
 */
export interface TaskEvent {
  readonly kind: TaskEventKind;
  readonly id: string;
  /** Epoch milliseconds, fractions allowed, by the clock of whoever saw it happen. */
  readonly at: number;
  /**
   * Tells facts of one kind about one task apart: two events with the same kind, id and occurrence are the same fact told twice, and
   * count once. Celery: the event's own timestamp. Bull and BullMQ: the attempt's number. null where the source cannot tell; such an
   * event is taken to be the same as any other of its kind since the task last started.
   */
  readonly occurrence: number | null;
  readonly name: string | null;
  readonly queue: string | null;
  readonly worker: string | null;
  /** Start and end of the attempt are known together where `runtimeMs` is set. */
  readonly runtimeMs: number | null;
  readonly sentAt: number | null;
  readonly eta: number | null;
  readonly error: TaskError | null;
  /** Of task-failed and task-retried: the attempt exceeded its time limit. */
  readonly timedOut: boolean;
  /** Parsed and redacted result of task-succeeded, progress of task-progress; undefined where not said. */
  readonly value: unknown;
  /** Size of `value` as it came, in bytes; 0 where there is none. Bounds memory without serialising again. */
  readonly valueBytes: number;
}

/** Fills what an event does not say. Engines name only what they know. */
export function taskEvent(kind: TaskEventKind, id: string, at: number, said: Partial<TaskEvent> = {}): TaskEvent {
  return {
    kind,
    id,
    at,
    occurrence: said.occurrence ?? null,
    name: said.name ?? null,
    queue: said.queue ?? null,
    worker: said.worker ?? null,
    runtimeMs: said.runtimeMs ?? null,
    sentAt: said.sentAt ?? null,
    eta: said.eta ?? null,
    error: said.error ?? null,
    timedOut: said.timedOut ?? false,
    value: said.value,
    valueBytes: said.valueBytes ?? 0,
  };
}

/** A worker told about itself. The worker's fields replace what was known of it. */
export interface WorkerEvent {
  readonly kind: 'worker-online' | 'worker-heartbeat' | 'worker-offline';
  readonly at: number;
  readonly worker: Worker;
}

/**
 * Attempts known to have ended in a known way without an event for each: a worker's own totals, or the broker's counters, ran ahead of
 * the events. They are counted under their name and have no duration.
 */
export interface ReconciledEvent {
  readonly kind: 'reconciled';
  readonly at: number;
  readonly name: string;
  readonly outcome: AttemptOutcome;
  readonly count: number;
  /** Of these, how many exceeded their time limit. */
  readonly timedOut: number;
  /** Exception class of retries; null where not known. */
  readonly reason: string | null;
}

export const GAP_EXACTNESS = ['exact', 'at_most', 'unknown'] as const;
export type GapExactness = (typeof GAP_EXACTNESS)[number];

/** A time of which not everything is known. Every number elsewhere is right but for what the gaps name. */
export interface GapEvent {
  readonly kind: 'gap';
  readonly from: number;
  readonly to: number;
  /** null where the whole source is meant. */
  readonly queue: string | null;
  /** A few fixed words: disconnected, overrun, unattributed, shed … A metric label, so never free text. */
  readonly reason: string;
  /** Finished attempts missing from the counters; null where nobody can tell. */
  readonly missed: number | null;
  readonly exactness: GapExactness;
}

/** Something from the broker that could not be used. */
export interface RejectedEvent {
  readonly kind: 'rejected';
  readonly at: number;
  /** A few fixed words: oversized, malformed, opaque … A metric label, so never free text. */
  readonly reason: string;
}

/** More has become known of these tasks than events tell: the engine's `payloadOf` has it. */
export interface PayloadEvent {
  readonly kind: 'payload';
  readonly ids: readonly string[];
}

export type EngineEvent = TaskEvent | WorkerEvent | ReconciledEvent | GapEvent | RejectedEvent | PayloadEvent;

export function isOfWorker(event: EngineEvent): event is WorkerEvent {
  return event.kind === 'worker-online' || event.kind === 'worker-heartbeat' || event.kind === 'worker-offline';
}
