import type { EngineKind } from './source.js';

/**
 * Celery's words, used for every engine.
 * PENDING waits in the broker, RECEIVED is held by a worker, RETRY waits for its next attempt. LOST is ours: it ran and runs no more, and how
 * it ended nobody has told, because its worker vanished or could not say.
 */
export const TASK_STATES = [
  'PENDING',
  'RECEIVED',
  'STARTED',
  'SUCCESS',
  'FAILURE',
  'RETRY',
  'REVOKED',
  'REJECTED',
  'LOST',
] as const;
export type TaskState = (typeof TASK_STATES)[number];

/** Where a task is on its way: waiting for a worker, waiting for a time, running, or over. */
export const TASK_STAGES = ['active', 'reserved', 'scheduled', 'finished'] as const;
export type TaskStage = (typeof TASK_STAGES)[number];

/** How one attempt ended. A task has as many outcomes as finished attempts; only the last one is the task's own. */
export const ATTEMPT_OUTCOMES = ['success', 'failure', 'retry', 'revoked', 'rejected'] as const;
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];

/** Celery's ready(): the task will not change any more by itself. */
export function isReady(state: TaskState): boolean {
  return state === 'SUCCESS' || state === 'FAILURE' || state === 'REVOKED' || state === 'REJECTED' || state === 'LOST';
}

/** An exception as the engines tell it: class and message apart, so that metrics can use the class alone. */
export interface TaskError {
  readonly type: string;
  readonly message: string;
}

/** What a list shows of a task: no arguments, no result. Times are epoch milliseconds, null where unknown. */
export interface TaskSummary {
  readonly source: string;
  readonly engine: EngineKind;
  /** Celery: the uuid. Bull and BullMQ: `<queue>:<job id>`. */
  readonly id: string;
  readonly name: string | null;
  readonly queue: string | null;
  readonly state: TaskState;
  readonly worker: string | null;
  /** When it was enqueued. */
  readonly sentAt: number | null;
  /** Not to be run before. */
  readonly eta: number | null;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  /** Run time of the last finished attempt. */
  readonly runtimeMs: number | null;
  /** Attempts started so far, the running one included. */
  readonly attempts: number | null;
  readonly error: TaskError | null;
}

/** What a task was given and left behind, as far as it is known: JSON without secrets. undefined and null: not known, or none. */
export interface TaskPayload {
  readonly args: unknown;
  readonly kwargs: unknown;
  readonly traceback: string | null;
  /** Full id of the task that began it. */
  readonly parentId: string | null;
  /** Full id of the first of its family. */
  readonly rootId: string | null;
}

/** Of a task of which nothing of it is known. */
export const NO_PAYLOAD: TaskPayload = {
  args: undefined,
  kwargs: undefined,
  traceback: null,
  parentId: null,
  rootId: null,
};

export interface TaskAttempt {
  /** 1 for the first. */
  readonly number: number;
  readonly worker: string | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** null while it runs. */
  readonly outcome: AttemptOutcome | null;
  readonly error: TaskError | null;
}

export interface TaskTimelineEntry {
  readonly at: number;
  /** One word: sent, scheduled, started, retried, succeeded, failed, revoked … */
  readonly what: string;
  readonly attempt: number | null;
  readonly worker: string | null;
}

/** Everything known about one task. Payload fields hold parsed JSON; `undefined` never appears in them. */
export interface TaskDetail extends TaskSummary {
  readonly args: unknown;
  /** Celery's keyword arguments; null for engines that have none. */
  readonly kwargs: unknown;
  readonly result: unknown;
  readonly traceback: string | null;
  /** Whatever the task reports while it runs. */
  readonly progress: unknown;
  readonly priority: number | null;
  readonly maxAttempts: number | null;
  /** Newest first and bounded; null where the engine keeps none. */
  readonly logs: readonly string[] | null;
  readonly attemptHistory: readonly TaskAttempt[];
  readonly timeline: readonly TaskTimelineEntry[];
  readonly parentId: string | null;
  readonly rootId: string | null;
  readonly childIds: readonly string[];
  /** The engine's own options and fields, redacted, for display. */
  readonly raw: Readonly<Record<string, unknown>>;
}
