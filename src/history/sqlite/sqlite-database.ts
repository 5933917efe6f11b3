import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely } from 'kysely';
import { type ColumnTypes, HistoryDatabase } from '../database/history-database.js';
import type { HistorySchema } from '../database/schema.js';
import { SqliteThreadDialect } from './sqlite-dialect.js';
import { SQLITE_THREAD, SqliteError, SqliteThread } from './sqlite-thread.js';

export interface SqliteDatabaseOptions {
  readonly file: string;
  /** For one line when a file has to be put aside. */
  readonly warn: (message: string) => void;
  readonly thread?: URL;
  /** How long to wait for a process that writes to the file and is about to end; default 5 s. */
  readonly claimWithinMs?: number;
  /** Further pragmas of the writer: tests fill a small database by them. */
  readonly pragmas?: readonly string[];
}

const BUSY = 5;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;
/** Looked at as a whole when it is opened: within some 100 ms. Damage in a larger file shows when the page is read. */
const CHECKED_BYTES = 32 * 1024 * 1024;
const SIDE_FILES = ['', '-wal', '-shm'];
const KIBIBYTE = 1024;

/** WAL: readers do not wait for the writer. NORMAL: what was committed survives the end of the process at any moment, not a power cut. */
const WRITER = [
  'busy_timeout = 5000',
  'page_size = 4096',
  'auto_vacuum = INCREMENTAL',
  'journal_mode = WAL',
  'synchronous = NORMAL',
  `cache_size = -${16 * KIBIBYTE}`,
  'temp_store = MEMORY',
  // A WAL that a long reader let grow is cut back.
  `journal_size_limit = ${64 * KIBIBYTE * KIBIBYTE}`,
];
const READER = ['busy_timeout = 5000', `cache_size = -${16 * KIBIBYTE}`, 'temp_store = MEMORY'];

/** A file of SQLite's: one thread writes, another reads. A file that is damaged is put aside, never deleted, and a new one begun. */
export class SqliteDatabase extends HistoryDatabase {
  readonly types: ColumnTypes = {
    serial: 'integer PRIMARY KEY',
    bytes: 'blob',
    clustered: 'WITHOUT ROWID',
    text: 'text',
  };
  readonly writer: Kysely<HistorySchema>;
  readonly reader: Kysely<HistorySchema>;
  readonly notes: Kysely<HistorySchema>;
  readonly #o: SqliteDatabaseOptions;
  #write: SqliteThread | null = null;
  #read: SqliteThread | null = null;

  constructor(options: SqliteDatabaseOptions) {
    super();
    this.#o = options;
    this.writer = new Kysely({ dialect: new SqliteThreadDialect(() => opened(this.#write), true) });
    this.notes = this.writer;
    this.reader = new Kysely({ dialect: new SqliteThreadDialect(() => opened(this.#read), false) });
  }

  override async claim(): Promise<boolean> {
    try {
      await this.open();
      return true;
    } catch (error) {
      if (error instanceof SqliteError && error.code === BUSY) return false;
      throw error;
    }
  }

  override async open(): Promise<void> {
    if (this.#write !== null) return;
    mkdirSync(dirname(this.#o.file), { recursive: true, mode: 0o700 });
    await this.#start();
    try {
      await this.#check();
    } catch (error) {
      if (await this.recover(error)) return;
      // Every try is a new one: what a thread could not open it would not open later.
      await this.close();
      throw error instanceof SqliteError ? new SqliteError(`${this.#o.file}: ${error.message}`, error.code) : error;
    }
  }

  override async close(): Promise<void> {
    const threads = [this.#read, this.#write];
    this.#read = null;
    this.#write = null;
    for (const thread of threads) await thread?.close();
  }

  override async bytes(): Promise<number> {
    return SIDE_FILES.reduce((sum, suffix) => {
      const stats = statSync(`${this.#o.file}${suffix}`, { throwIfNoEntry: false });
      return sum + (stats?.size ?? 0);
    }, 0);
  }

  override async shrink(): Promise<void> {
    await opened(this.#write).run('PRAGMA incremental_vacuum(500)');
  }

  override async recover(error: unknown): Promise<boolean> {
    if (!(error instanceof SqliteError) || (error.code !== CORRUPT && error.code !== NOT_A_DATABASE)) return false;
    await this.close();
    const aside = `${this.#o.file}.damaged-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
    for (const suffix of SIDE_FILES) {
      if (existsSync(`${this.#o.file}${suffix}`)) renameSync(`${this.#o.file}${suffix}`, `${aside}${suffix}`);
    }
    this.#o.warn(
      `the history in ${this.#o.file} is damaged (${error.message}): it was put aside as ${aside}, and a new one begins. Nothing was deleted`,
    );
    await this.#start();
    return true;
  }

  async #start(): Promise<void> {
    const { file, pragmas = [], thread = SQLITE_THREAD, claimWithinMs = 5_000 } = this.#o;
    const lock = { file: `${file}.lock`, withinMs: claimWithinMs };
    this.#write = new SqliteThread({ file, readOnly: false, lock, pragmas: [...WRITER, ...pragmas] }, thread);
    this.#read = new SqliteThread({ file, readOnly: true, lock: null, pragmas: READER }, thread);
  }

  async #check(): Promise<void> {
    // Opens the file, and makes it where there is none; only then can the reader find it.
    await opened(this.#write).run('SELECT count(*) AS tables FROM sqlite_master');
    if ((await this.bytes()) > CHECKED_BYTES) return;
    const { rows } = await opened(this.#write).run('PRAGMA quick_check(1)');
    const [first] = rows;
    const found = typeof first === 'object' && first !== null ? Object.values(first)[0] : undefined;
    if (found !== 'ok') throw new SqliteError(String(found), CORRUPT);
  }
}

function opened(thread: SqliteThread | null): SqliteThread {
  if (thread === null) throw new SqliteError('the history is closed', 0);
  return thread;
}
