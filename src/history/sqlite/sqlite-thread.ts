import { Worker } from 'node:worker_threads';
import type { SqliteAnswer, SqliteOpening, SqliteRequest, SqliteRows } from './sqlite-message.js';

/** An error of SQLite, with its primary result code. */
export class SqliteError extends Error {
  readonly code: number;

  constructor(message: string, code: number) {
    super(message);
    this.name = 'SqliteError';
    this.code = code;
  }
}

/** Where the thread's program is; tests run it from its source. */
export const SQLITE_THREAD = new URL('./sqlite-thread-main.js', import.meta.url);

/** Then it is ended in the middle of what it does. */
const CLOSE_WITHIN_MS = 3_000;

/** Rows live no longer than their message: with what V8 takes by itself, each thread keeps some 30 MB that it does not need. */
const YOUNG_MB = 4;

interface Waiting {
  readonly resolve: (rows: SqliteRows) => void;
  readonly reject: (error: Error) => void;
}

/** A file of SQLite's on a thread of its own. Statements run one after the other, in the order given. */
export class SqliteThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;
  #ended: Error | null = null;

  constructor(opening: SqliteOpening, program: URL) {
    this.#worker = new Worker(program, {
      workerData: opening,
      name: opening.readOnly ? 'history-read' : 'history',
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    this.#worker.on('message', (answer: SqliteAnswer) => this.#take(answer));
    this.#worker.on('error', (error) => this.#end(error));
    this.#worker.on('exit', () => this.#end(new SqliteError('the thread of the database has ended', 0)));
    // A database alone keeps no process alive.
    this.#worker.unref();
  }

  run(sql: string, parameters: readonly unknown[] = []): Promise<SqliteRows> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    const id = this.#next;
    this.#next += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      // While an answer is due, somebody waits for it.
      if (this.#waiting.size === 1) this.#worker.ref();
      const request: SqliteRequest = { id, sql, parameters };
      this.#worker.postMessage(request);
    });
  }

  async close(): Promise<void> {
    if (this.#ended === null) {
      const ended = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()));
      this.#worker.ref();
      this.#worker.postMessage('close');
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, CLOSE_WITHIN_MS);
      });
      await Promise.race([ended, late]);
      clearTimeout(timer);
    }
    await this.#worker.terminate();
  }

  #take(answer: SqliteAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if ('done' in answer) waiting?.resolve(answer.done);
    else waiting?.reject(new SqliteError(answer.failed.message, answer.failed.code));
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}
