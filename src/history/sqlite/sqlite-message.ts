/** What the thread of a database is asked. */
export interface SqliteRequest {
  readonly id: number;
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

export interface SqliteRows {
  readonly rows: readonly unknown[];
  readonly changes: number;
}

export interface SqliteFailure {
  readonly message: string;
  /** SQLite's own primary result code; 0 where the error is not SQLite's. */
  readonly code: number;
}

/** What it answers, in the order in which it was asked. */
export type SqliteAnswer =
  | { readonly id: number; readonly done: SqliteRows }
  | { readonly id: number; readonly failed: SqliteFailure };

/** How it opens its file. */
export interface SqliteOpening {
  readonly file: string;
  readonly readOnly: boolean;
  /** A file whose lock says that this process writes; null: none is needed. */
  readonly lock: { readonly file: string; readonly withinMs: number } | null;
  /** Run before anything else. */
  readonly pragmas: readonly string[];
}
