import { type Kysely, sql } from 'kysely';
import type { StoredTask } from '../core/history-store.js';
import { TASK_STATES } from '../core/task.js';
import type { HistorySchema } from './database/schema.js';
import { parseJson } from './stored-json.js';
import { decompressed, type TaskRow, taskOf } from './task-row.js';
import type { WordBook } from './word-book.js';

const UNFINISHED = ['PENDING', 'RECEIVED', 'STARTED', 'RETRY'] as const;

/** Reads tasks whole. */
export class TaskReader {
  readonly #db: Kysely<HistorySchema>;
  readonly #words: WordBook;

  constructor(db: Kysely<HistorySchema>, words: WordBook) {
    this.#db = db;
    this.#words = words;
  }

  /** By full id; a bare job id stands for whatever ends in it, but only where a full one has been asked for. */
  async find(id: string, source: string | null, limit: number): Promise<readonly StoredTask[]> {
    const only = source === null ? null : await this.#words.idOf(this.#db, source);
    if (source !== null && only === null) return [];
    const rows = await this.#db
      .selectFrom('task')
      .selectAll()
      .where('id', '=', id)
      .$if(only !== null, (query) => query.where('source', '=', only ?? 0))
      .limit(limit)
      .execute();
    return this.#whole(rows);
  }

  /** Without their results, which nothing needs to go on with them. */
  async latest(limit: number): Promise<readonly StoredTask[]> {
    const unfinished = sql.join(UNFINISHED.map((state) => sql.lit(TASK_STATES.indexOf(state))));
    const { rows: open } = await sql<TaskRow>`
      SELECT * FROM task WHERE state IN (${unfinished}) ORDER BY moment DESC LIMIT ${limit}
    `.execute(this.#db);
    const { rows: finished } = await sql<TaskRow>`
      SELECT * FROM task WHERE finished_at IS NOT NULL ORDER BY finished_at DESC LIMIT ${limit - open.length}
    `.execute(this.#db);
    const rows = [...finished.filter(({ state }) => !isOpen(state)).reverse(), ...open];
    const word = await this.#texts(rows);
    return rows.map((row) => taskOf(row, word, undefined));
  }

  async #whole(rows: readonly TaskRow[]): Promise<readonly StoredTask[]> {
    const word = await this.#texts(rows);
    return Promise.all(rows.map(async (row) => taskOf(row, word, await this.#result(row))));
  }

  #texts(rows: readonly TaskRow[]): Promise<(id: number | null) => string | null> {
    const ids = rows.flatMap((row) => [row.source, row.name, row.queue, row.worker, row.error_type]);
    return this.#words.texts(this.#db, ids);
  }

  async #result({ result, result_ref }: TaskRow): Promise<unknown> {
    if (result !== null) return parseJson(result);
    if (result_ref === null) return undefined;
    const large = await this.#db.selectFrom('large').select('body').where('hash', '=', result_ref).executeTakeFirst();
    return large === undefined ? undefined : parseJson(await decompressed(large.body));
  }
}

function isOpen(state: number): boolean {
  return UNFINISHED.some((open) => TASK_STATES.indexOf(open) === state);
}
