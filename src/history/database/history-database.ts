import type { Kysely, Migration } from 'kysely';
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

/** Another process writes to this history, so this one must not. */
export class HistoryTaken extends Error {
  constructor() {
    super('another instance writes to this history');
    this.name = 'HistoryTaken';
  }
}

/** PORT. A database that is open: one writer, and readers that do not wait for it. */
export abstract class HistoryDatabase {
  abstract readonly types: ColumnTypes;
  abstract readonly writer: Kysely<HistorySchema>;
  abstract readonly reader: Kysely<HistorySchema>;
  /** Writes what nobody counts: for whoever has the database open, not for the writer alone. */
  abstract readonly notes: Kysely<HistorySchema>;

  /**
   * Before `open`: makes this process the one that writes, for as long as it lives and is heard of. False where another is. Rejects where that
   * cannot be found out.
   */
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
