import type { Generated } from 'kysely';

/*
 * Names, queues, workers, sources and exception classes are numbers of `word`. Times are epoch microseconds, run times microseconds: exact
 * integers in both databases, and what Celery tells fits. States and engines are places in the lists of `core`, which only ever grow.
 */

export interface WordTable {
  readonly id: Generated<number>;
  readonly text: string;
}

export interface TaskTable {
  readonly seq: Generated<number>;
  readonly source: number;
  readonly id: string;
  readonly engine: number;
  readonly name: number | null;
  readonly queue: number | null;
  readonly worker: number | null;
  readonly state: number;
  /** Enqueued, else started, else ended, else heard of: by it `since` and `until` select and lists are ordered. */
  readonly moment: number | null;
  readonly sent_at: number | null;
  readonly eta: number | null;
  readonly started_at: number | null;
  readonly finished_at: number | null;
  readonly runtime: number | null;
  readonly attempts: number | null;
  readonly error_type: number | null;
  readonly error_message: string | null;
  /** JSON, where it is short. */
  readonly result: string | null;
  /** Place in `large` where it is not. */
  readonly result_ref: string | null;
  /** JSON; null where the other columns say it all, because there was at most one attempt. */
  readonly attempt_list: string | null;
  /** JSON. */
  readonly facts: string | null;
  /** What failures of the same cause have in common; null where it did not fail. */
  readonly signature: number | null;
  /** JSON, where it is short; else `args_ref` is its place in `large`. Both null: not known. */
  readonly args: string | null;
  readonly kwargs: string | null;
  readonly args_ref: string | null;
  readonly kwargs_ref: string | null;
  /** Always in `large`: failures of one cause share it. */
  readonly traceback_ref: string | null;
  /** Id of the task that began this one; null where none did. */
  readonly parent_id: string | null;
  /** Id of the first of its family; null where that is the task itself, or not known. */
  readonly root_id: string | null;
}

/** One life of a worker's process, from when it was first heard of. */
export interface WorkerLifeTable {
  readonly source: number;
  readonly name: number;
  readonly since: number;
  readonly pid: number | null;
  readonly host: string | null;
  readonly software: string | null;
  readonly started_at: number | null;
  readonly seen_at: number;
  /** null while it lives. */
  readonly ended_at: number | null;
  readonly ended: string | null;
}

/** What somebody has done, or tried. */
export interface ActionTable {
  readonly seq: Generated<number>;
  readonly at: number;
  readonly kind: string | null;
  readonly who: string | null;
  readonly address: string;
  readonly operation: string;
  readonly path: string;
  /** JSON. */
  readonly asked: string;
  readonly outcome: string;
  readonly status: number;
  readonly message: string | null;
  /** JSON. */
  readonly workers: string;
}

/** What somebody says was deployed. */
export interface DeploymentTable {
  readonly seq: Generated<number>;
  readonly id: string;
  readonly at: number;
  readonly name: string;
  readonly version: string | null;
  readonly link: string | null;
  readonly who: string | null;
}

/** Which words are names of what: for completion. */
export interface TermTable {
  /** Place in SUGGESTED_FIELDS. */
  readonly field: number;
  readonly word: number;
}

export interface SeriesTable {
  readonly step: number;
  readonly kind: number;
  /** 0 where the kind has no keys. */
  readonly key: number;
  readonly source: number;
  /** Epoch seconds. */
  readonly at: number;
  /** JSON: the figures in the order in which `core/series.ts` names them. */
  readonly figures: string;
}

/** Large values, compressed, each kept once. */
export interface LargeTable {
  /** SHA-1 of the text. */
  readonly hash: string;
  readonly body: Uint8Array;
}

export interface GapTable {
  readonly number: number;
  readonly source: number;
  readonly from_at: number;
  readonly to_at: number;
  readonly queue: number | null;
  readonly reason: string;
  readonly missed: number | null;
  readonly exactness: string;
}

export interface LedgerTable {
  readonly key: string;
  readonly numbers: string;
}

export interface PositionTable {
  readonly source: string;
  readonly position: string;
}

export interface MetaTable {
  readonly key: string;
  readonly value: string;
}

export interface HistorySchema {
  readonly word: WordTable;
  readonly task: TaskTable;
  readonly large: LargeTable;
  readonly term: TermTable;
  readonly series: SeriesTable;
  readonly gap: GapTable;
  readonly ledger: LedgerTable;
  readonly position: PositionTable;
  readonly meta: MetaTable;
  readonly worker_life: WorkerLifeTable;
  readonly action: ActionTable;
  readonly deployment: DeploymentTable;
}
