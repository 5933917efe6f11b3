import { existsSync } from 'node:fs';
import { DatabaseSync } from '@photostructure/sqlite';
import { messageOf } from '../../core/errors.js';
import { numberIn, textIn, timeIn } from './json-fields.js';
import { MAX_ARGUMENT_BYTES, type TaskMeta, type TaskMetaReader } from './task-meta.js';

/** While a worker writes, SQLite lets nobody read: tried again so often, without blocking anything meanwhile. */
const ATTEMPTS = 10;
const BETWEEN_MS = 50;

const READ = `
  SELECT status, length(result) AS bytes, date_done, traceback, name, worker, retries, queue,
    CASE WHEN length(args) <= ?2 THEN CAST(args AS TEXT) END AS args, CASE WHEN length(kwargs) <= ?2 THEN CAST(kwargs AS TEXT) END AS kwargs
  FROM celery_taskmeta WHERE task_id = ?1`;

/** One row by its key is a matter of microseconds, so it is read where we are. */
export class SqliteTaskMeta implements TaskMetaReader {
  readonly #file: string;
  #database: InstanceType<typeof DatabaseSync> | null = null;

  constructor(file: string) {
    this.#file = file;
  }

  async read(id: string): Promise<TaskMeta | null> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return this.#row(id);
      } catch (error) {
        const message = messageOf(error);
        if (/no such table/.test(message)) return null;
        if (!/locked|busy/i.test(message) || attempt === ATTEMPTS) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
    }
  }

  async close(): Promise<void> {
    this.#database?.close();
    this.#database = null;
  }

  #row(id: string): TaskMeta | null {
    if (this.#database === null && !existsSync(this.#file))
      throw new Error(`expected the file ${this.#file}, found none`);
    this.#database ??= new DatabaseSync(this.#file, { readOnly: true, timeout: 0 });
    const row = this.#database.prepare(READ).get(id, MAX_ARGUMENT_BYTES);
    const status = textIn(row?.status);
    if (row === undefined || status === null) return null;
    return {
      status,
      resultBytes: numberIn(row.bytes) ?? 0,
      finishedAt: timeIn(textIn(row.date_done)?.replace(' ', 'T')),
      traceback: textIn(row.traceback),
      name: textIn(row.name),
      args: textIn(row.args),
      kwargs: textIn(row.kwargs),
      worker: textIn(row.worker),
      retries: numberIn(row.retries),
      queue: textIn(row.queue),
    };
  }
}
