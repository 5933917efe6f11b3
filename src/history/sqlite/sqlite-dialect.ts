import {
  type CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { messageOf } from '../../core/errors.js';
import type { SqliteThread } from './sqlite-thread.js';

/** Kysely over a thread. */
export class SqliteThreadDialect implements Dialect {
  readonly #thread: () => SqliteThread;
  readonly #exclusive: boolean;

  /** `exclusive`: a transaction keeps everybody else waiting, as there is one connection. A reader has none and needs no turns. */
  constructor(thread: () => SqliteThread, exclusive: boolean) {
    this.#thread = thread;
    this.#exclusive = exclusive;
  }

  createDriver(): Driver {
    return new SqliteThreadDriver(this.#thread, this.#exclusive);
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): DialectAdapter {
    return new SqliteAdapter();
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(db);
  }
}

class SqliteThreadDriver implements Driver {
  readonly #connection: SqliteThreadConnection;
  readonly #exclusive: boolean;
  readonly #queue: (() => void)[] = [];
  #taken = false;

  constructor(thread: () => SqliteThread, exclusive: boolean) {
    this.#connection = new SqliteThreadConnection(thread);
    this.#exclusive = exclusive;
  }

  async init(): Promise<void> {
    // The thread opens its file by itself.
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    if (this.#exclusive && this.#taken) await new Promise<void>((turn) => this.#queue.push(turn));
    this.#taken = true;
    return this.#connection;
  }

  async beginTransaction(): Promise<void> {
    await this.#connection.run('BEGIN IMMEDIATE');
  }

  async commitTransaction(): Promise<void> {
    await this.#connection.run('COMMIT');
  }

  async rollbackTransaction(): Promise<void> {
    try {
      await this.#connection.run('ROLLBACK');
    } catch (error) {
      // Where the disk is full or fails, SQLite has rolled back by itself; what is to be told is why.
      if (!messageOf(error).includes('no transaction is active')) throw error;
    }
  }

  async releaseConnection(): Promise<void> {
    const next = this.#queue.shift();
    if (next === undefined) this.#taken = false;
    else next();
  }

  async destroy(): Promise<void> {
    // Whoever opened the thread closes it.
  }
}

class SqliteThreadConnection implements DatabaseConnection {
  readonly #thread: () => SqliteThread;

  constructor(thread: () => SqliteThread) {
    this.#thread = thread;
  }

  async run(sql: string): Promise<void> {
    await this.#thread().run(sql);
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, changes } = await this.#thread().run(sql, parameters);
    if (!areRows<R>(rows)) throw new Error('expected rows of a database');
    return { rows, numAffectedRows: BigInt(changes) };
  }

  // biome-ignore lint/correctness/useYield: kysely asks for it, and nothing here streams.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('expected a query that is answered at once: the thread of SQLite does not stream');
  }
}

/** What the statement selects is what Kysely has typed. */
function areRows<R>(rows: readonly unknown[]): rows is R[] {
  return Array.isArray(rows);
}
