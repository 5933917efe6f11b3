import type { Kysely, Migration } from 'kysely';
import type { JsonAt } from './json-at.js';
import type { HistorySchema } from './schema.js';

/** Columns whose types the two databases spell differently. */
export interface ColumnTypes {
  /** A number that the database gives out, as a whole column definition. */
  readonly serial: string;
  readonly bytes: string;
  /** After the columns of a table that is kept in the order of its key, where the database can. */
  readonly clustered: string;
  /** Text compared byte by byte, as JavaScript compares it. */
  readonly text: string;
}

/** PORT. A database that is open: one writer, and readers that do not wait for it. */
export abstract class HistoryDatabase {
  abstract readonly types: ColumnTypes;
  abstract readonly jsonAt: JsonAt;
  abstract readonly writer: Kysely<HistorySchema>;
  abstract readonly reader: Kysely<HistorySchema>;

  /** Before `open`: false where another process writes here. Rejects where that cannot be found out. */
  abstract claim(): Promise<boolean>;

  abstract open(): Promise<void>;
  abstract close(): Promise<void>;

  /** Bytes on disk. */
  abstract bytes(): Promise<number>;

  /** Gives room that was freed back to the disk, a little at a time. */
  abstract shrink(): Promise<void>;

  /** What can be done about an error before the next try: true where the database was made anew, and is empty. */
  abstract recover(error: unknown): Promise<boolean>;
}

export type Migrations = Readonly<Record<string, Migration>>;
