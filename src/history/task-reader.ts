import { type Kysely, sql } from 'kysely';
import type { LatestTasks, StoredTask } from '../core/history-store.js';
import { TASK_STATES } from '../core/task.js';
import type { HistorySchema } from './database/schema.js';
import { parseJson } from './stored-json.js';
import { decompressed, type LargeValues, micros, type TaskRow, taskOf, UNREAD } from './task-row.js';
import type { WordBook } from './word-book.js';

const PER_READ = 500;
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

  async whole(ids: readonly string[], source: string): Promise<readonly StoredTask[]> {
    const only = await this.#words.idOf(this.#db, source);
    if (only === null || ids.length === 0) return [];
    const rows = await this.#db
      .selectFrom('task')
      .selectAll()
      .where('id', 'in', ids)
      .where('source', '=', only)
      .execute();
    return this.#whole(rows);
  }

  /** Two indexes, each of which has entries for members of families alone. */
  async relatives(id: string, source: string, limit: number): Promise<readonly StoredTask[]> {
    const only = await this.#words.idOf(this.#db, source);
    if (only === null) return [];
    const found = new Map<string, TaskRow>();
    for (const column of ['root_id', 'parent_id'] as const) {
      const rows = await this.#db
        .selectFrom('task')
        .selectAll()
        .where(column, '=', id)
        .where('source', '=', only)
        .limit(limit)
        .execute();
      for (const row of rows) if (found.size < limit) found.set(row.id, row);
    }
    const rows = [...found.values()];
    const word = await this.#texts(rows);
    return rows.map((row) => taskOf(row, word, UNREAD));
  }

  /** Without what is large, which nothing needs to go on with them. Some at a time: rows of all would be most of what the start needs of memory. */
  async latest({ limit, since, atLeast }: LatestTasks): Promise<readonly StoredTask[]> {
    const unfinished = sql.join(UNFINISHED.map((state) => sql.lit(TASK_STATES.indexOf(state))));
    const { rows: open } = await sql<TaskRow>`
      SELECT * FROM task WHERE state IN (${unfinished}) ORDER BY moment DESC LIMIT ${limit}
    `.execute(this.#db);
    const unfinishedTasks = await this.#small(open);
    const finished: StoredTask[] = [];
    const after = micros(since) ?? 0;
    for (let offset = 0; offset < limit - open.length; offset += PER_READ) {
      const { rows } = await sql<TaskRow>`
        SELECT * FROM task WHERE finished_at IS NOT NULL
        ORDER BY finished_at DESC, seq DESC LIMIT ${Math.min(PER_READ, limit - open.length - offset)} OFFSET ${offset}
      `.execute(this.#db);
      const recent = rows.filter(({ finished_at: at }, place) => offset + place < atLeast || (at ?? 0) >= after);
      finished.push(...(await this.#small(recent.filter(({ state }) => !isOpen(state)))));
      if (recent.length < PER_READ) break;
    }
    return [...finished.reverse(), ...unfinishedTasks];
  }

  async #small(rows: readonly TaskRow[]): Promise<readonly StoredTask[]> {
    const word = await this.#texts(rows);
    return rows.map((row) => taskOf(row, word, UNREAD));
  }

  /** What is large of all of them is read at once. */
  async #whole(rows: readonly TaskRow[]): Promise<readonly StoredTask[]> {
    const [word, texts] = await Promise.all([this.#texts(rows), this.#large(rows)]);
    return rows.map((row) => taskOf(row, word, valuesOf(row, texts)));
  }

  #texts(rows: readonly TaskRow[]): Promise<(id: number | null) => string | null> {
    const ids = rows.flatMap((row) => [row.source, row.name, row.queue, row.worker, row.error_type]);
    return this.#words.texts(this.#db, ids);
  }

  async #large(rows: readonly TaskRow[]): Promise<ReadonlyMap<string, string>> {
    const refs = rows
      .flatMap((row) => [row.result_ref, row.args_ref, row.kwargs_ref, row.traceback_ref])
      .filter((ref) => ref !== null);
    const texts = new Map<string, string>();
    if (refs.length === 0) return texts;
    const found = await this.#db
      .selectFrom('large')
      .selectAll()
      .where('hash', 'in', [...new Set(refs)])
      .execute();
    for (const { hash, body } of found) texts.set(hash, await decompressed(body));
    return texts;
  }
}

function valuesOf(row: TaskRow, texts: ReadonlyMap<string, string>): LargeValues {
  const value = (inline: string | null, ref: string | null): unknown => {
    const text = inline ?? (ref === null ? undefined : texts.get(ref));
    return text === undefined ? undefined : parseJson(text);
  };
  return {
    result: value(row.result, row.result_ref),
    args: value(row.args, row.args_ref),
    kwargs: value(row.kwargs, row.kwargs_ref),
    traceback: row.traceback_ref === null ? null : (texts.get(row.traceback_ref) ?? null),
  };
}

function isOpen(state: number): boolean {
  return UNFINISHED.some((open) => TASK_STATES.indexOf(open) === state);
}
