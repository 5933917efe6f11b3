/** A row of SQLAlchemy's table of results, `celery_taskmeta`. The result itself is a pickle, whatever the serializer, and never read. */
export interface TaskMeta {
  readonly status: string;
  readonly resultBytes: number;
  /** Epoch milliseconds. */
  readonly finishedAt: number | null;
  readonly traceback: string | null;
  /** The rest only with `result_extended`. */
  readonly name: string | null;
  /** JSON; null also where it is larger than anybody reads. */
  readonly args: string | null;
  readonly kwargs: string | null;
  readonly worker: string | null;
  readonly retries: number | null;
  readonly queue: string | null;
}

/** Larger arguments are not read. */
export const MAX_ARGUMENT_BYTES = 4 * 1024 * 1024;

/** The table in one kind of database. Connects when it is first asked, and again when that was lost. */
export interface TaskMetaReader {
  /** One row by its unique key; null: nothing is stored, or the table is not made yet. */
  read(id: string): Promise<TaskMeta | null>;
  close(): Promise<void>;
}
