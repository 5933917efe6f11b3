import type { Deployment, DeploymentPage, DeploymentQuery } from './deployment.js';
import type { FailureGroups, FailureQuery } from './failure.js';
import type { SeriesQuery, SeriesRow } from './series.js';
import type { TaskAttempt, TaskPayload, TaskState, TaskSummary } from './task.js';
import type { GapEvent } from './task-event.js';
import type { TaskCursor, TaskQuery } from './task-query.js';

/** A task as it is stored: what lists show, and what lets it be continued after a restart. */
export interface StoredTask extends TaskSummary, TaskPayload {
  /** JSON; undefined where the task told none, or one too large to keep. */
  readonly result: unknown;
  readonly attemptHistory: readonly TaskAttempt[];
  /** `LiveTask.facts`: the facts already counted, so that a second telling after a restart counts no more than before it. */
  readonly facts: readonly number[];
}

/** What can be completed while it is typed. */
export const SUGGESTED_FIELDS = ['name', 'worker', 'queue', 'source', 'error'] as const;
export type SuggestedField = (typeof SUGGESTED_FIELDS)[number];

/** A gap with the source it belongs to and a number that never repeats, so that people can talk about it. */
export interface GapRecord extends Omit<GapEvent, 'kind'> {
  readonly number: number;
  readonly source: string;
}

/** The numbers of one series of a counter or histogram, under a key that stays the same across restarts. */
export interface LedgerEntry {
  readonly key: string;
  readonly numbers: readonly number[];
}

/** How far a source had been read when the batch was made: JSON that only its engine understands. */
export interface SourcePosition {
  readonly source: string;
  readonly position: unknown;
}

export const WORKER_ENDS = ['offline', 'lost', 'replaced'] as const;

/** One life of a worker's process. Times are epoch milliseconds. */
export interface WorkerLife {
  readonly source: string;
  readonly name: string;
  /** When it was first heard of; with its name it tells one life from the next. */
  readonly since: number;
  readonly pid: number | null;
  readonly host: string | null;
  /** Library and version. */
  readonly software: string | null;
  readonly startedAt: number | null;
  readonly seenAt: number;
  /** null while it lives. */
  readonly endedAt: number | null;
  /** How: it said goodbye, was lost, or another process has its name. */
  readonly ended: (typeof WORKER_ENDS)[number] | null;
}

/** What somebody has done to a task, a worker or a queue, or tried to. */
export interface ControlAction {
  /** Epoch milliseconds. */
  readonly at: number;
  /** How they had signed in, and as whom; null where nobody had. */
  readonly kind: string | null;
  readonly who: string | null;
  /** Where the request came from. */
  readonly address: string;
  /** operationId of the handler. */
  readonly operation: string;
  readonly path: string;
  /** Parameters and body, without secrets. */
  readonly asked: Readonly<Record<string, unknown>>;
  readonly outcome: string;
  readonly status: number;
  readonly message: string | null;
  /** What each worker that was asked has answered. */
  readonly workers: readonly { readonly worker: string; readonly answer: string; readonly message: string | null }[];
}

/** Lives of workers that were heard of since then; epoch milliseconds. null: of every name, of every source. */
export interface LifeQuery {
  readonly since: number;
  readonly name: string | null;
  readonly source: string | null;
  readonly limit: number;
}

/** What was done since then; to the task of this id alone, where one is given. */
export interface ActionQuery {
  readonly since: number;
  readonly task: string | null;
  readonly limit: number;
}

/** What is stored together or not at all. */
export interface HistoryBatch {
  /** When it was made, in epoch milliseconds. */
  readonly at: number;
  readonly tasks: readonly StoredTask[];
  readonly gaps: readonly GapRecord[];
  readonly ledger: readonly LedgerEntry[];
  readonly positions: readonly SourcePosition[];
  readonly series: readonly SeriesRow[];
  readonly lives: readonly WorkerLife[];
  readonly actions: readonly ControlAction[];
}

/** What the service knew when it last stored anything. */
export interface HistoryState {
  /** Epoch milliseconds of the last batch; null where there is none. */
  readonly storedAt: number | null;
  readonly ledger: readonly LedgerEntry[];
  readonly positions: readonly SourcePosition[];
  /** The latest, newest first. */
  readonly gaps: readonly GapRecord[];
  /** Highest number of a gap ever given; 0 where there was none. */
  readonly lastGap: number;
  /** Workers that had not ended. */
  readonly lives: readonly WorkerLife[];
}

export interface HistoryPage {
  readonly items: readonly TaskSummary[];
  /** Where to read on; null where nothing is left. */
  readonly next: TaskCursor | null;
  /** False where the search has used up its time before the page was full: `next` goes on from there. */
  readonly complete: boolean;
  readonly total: number;
  /** False where `total` is extrapolated from the tasks that were looked at. */
  readonly totalExact: boolean;
}

export interface HistorySize {
  readonly tasks: number;
  /** On disk. */
  readonly bytes: number;
}

/** What to keep. */
export interface HistoryRetention {
  /** Tasks last heard of before this are removed; epoch milliseconds. */
  readonly before: number;
  /** The same for tasks that failed. */
  readonly failuresBefore: number;
  /** The same for tasks in other states that are kept longer, or not as long. */
  readonly statesBefore: ReadonlyMap<TaskState, number>;
  readonly maxTasks: number;
  readonly maxBytes: number;
}

/** Which tasks to go on with. */
export interface LatestTasks {
  /** At most so many. */
  readonly limit: number;
  /** Those that ended before (epoch milliseconds by their workers' clocks) are left out, */
  readonly since: number;
  /** but so many of the latest are there whenever they ended: a clock may be wrong. */
  readonly atLeast: number;
}

/** PORT. Everything that outlives the process. Every method rejects where the database cannot be used; the next call tries again. */
export abstract class HistoryStore {
  /** Brings the tables up to date and reads what was known at the end of the last run. */
  abstract open(): Promise<HistoryState>;

  /** Idle afterwards. Idempotent. */
  abstract close(): Promise<void>;

  /** In one transaction. A task that is known is brought up to date; what the new record does not know of it is kept. */
  abstract append(batch: HistoryBatch): Promise<void>;

  /** Everything unfinished and what has ended last, the longest finished first: to be continued. */
  abstract latest(which: LatestTasks): Promise<readonly StoredTask[]>;

  /** Costs at most some tens of milliseconds, whatever is asked and whatever is stored. Finds what the caller's scope lets see. */
  abstract search(query: TaskQuery): Promise<HistoryPage>;

  /** By full id; in every source where none is named. At most `limit`. */
  abstract find(id: string, source: string | null, limit: number): Promise<readonly StoredTask[]>;

  /** These tasks of one source whole, as far as they are stored, in no order. */
  abstract whole(ids: readonly string[], source: string): Promise<readonly StoredTask[]>;

  /** Tasks of the family that has this root, or of which this task is the parent; at most `limit`, without what was given to them. */
  abstract relatives(id: string, source: string, limit: number): Promise<readonly StoredTask[]>;

  /** The latest first. */
  abstract lives(query: LifeQuery): Promise<readonly WorkerLife[]>;

  /** The latest first. Of one task O(actions kept), of which there are some ten thousand at most. */
  abstract actions(query: ActionQuery): Promise<readonly ControlAction[]>;

  /** At once, and whoever counts: an instance that stands by may write it, too. */
  abstract addDeployment(deployment: Deployment): Promise<void>;

  abstract deployments(query: DeploymentQuery): Promise<DeploymentPage>;

  /** Rows that cover the time asked for, in no order; each part of the time once. */
  abstract series(query: SeriesQuery): Promise<readonly SeriesRow[]>;

  /** Adds up series that are complete, and removes those that are too old. Cheap where there is nothing to do. */
  abstract rollUp(): Promise<void>;

  /** Failures by their cause. Looks at a bounded number of the latest. */
  abstract failures(query: FailureQuery): Promise<FailureGroups>;

  /** Names that begin like this, else that hold it; in alphabetical order. */
  abstract suggest(field: SuggestedField, text: string, limit: number): Promise<readonly string[]>;

  abstract size(): Promise<HistorySize>;

  /** One small step. Returns how many tasks it removed; 0 where nothing is left to do. */
  abstract prune(keep: HistoryRetention, limit: number): Promise<number>;
}
