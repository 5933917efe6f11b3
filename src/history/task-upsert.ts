import { CompiledQuery, type Kysely, sql } from 'kysely';
import type { HistorySchema } from './database/schema.js';
import type { TaskRow } from './task-row.js';

/** The larger first. A statement is made once for each: making it costs more than the rows that it carries. */
const CHUNKS = [256, 32, 4, 1] as const;

const COLUMNS = [
  'source',
  'id',
  'engine',
  'name',
  'queue',
  'worker',
  'state',
  'moment',
  'sent_at',
  'eta',
  'started_at',
  'finished_at',
  'runtime',
  'attempts',
  'error_type',
  'error_message',
  'result',
  'result_ref',
  'attempt_list',
  'facts',
  'signature',
  'args',
  'kwargs',
  'args_ref',
  'kwargs_ref',
  'traceback_ref',
  'parent_id',
  'root_id',
] as const satisfies (keyof TaskRow)[];

/** What a record that began anew, because memory had forgotten the task, does not know: then what is stored stays. */
const KEPT = [
  'name',
  'queue',
  'worker',
  'sent_at',
  'eta',
  'started_at',
  'args',
  'kwargs',
  'args_ref',
  'kwargs_ref',
  'traceback_ref',
  'parent_id',
  'root_id',
] as const;
const REPLACED = [
  'state',
  'finished_at',
  'runtime',
  'error_type',
  'error_message',
  'result',
  'result_ref',
  'attempt_list',
  'facts',
  'signature',
] as const;

/** Writes rows of tasks, many at a time. */
export class TaskUpsert {
  readonly #statements = new Map<number, string>();

  /** No two rows of the same task. */
  async run(db: Kysely<HistorySchema>, rows: readonly TaskRow[]): Promise<void> {
    let from = 0;
    for (const size of CHUNKS) {
      for (; rows.length - from >= size; from += size) {
        const parameters: unknown[] = [];
        for (let at = from; at < from + size; at += 1) {
          const row = rows[at];
          if (row !== undefined) for (const column of COLUMNS) parameters.push(row[column]);
        }
        await db.executeQuery(CompiledQuery.raw(this.#statement(db, size), parameters));
      }
    }
  }

  #statement(db: Kysely<HistorySchema>, size: number): string {
    const known = this.#statements.get(size);
    if (known !== undefined) return known;
    const row = sql`(${sql.join(COLUMNS.map(() => sql`${0}`))})`;
    const kept = KEPT.map(
      (column) => sql`${sql.ref(column)} = coalesce(${sql.ref(`excluded.${column}`)}, ${sql.ref(`task.${column}`)})`,
    );
    const replaced = REPLACED.map((column) => sql`${sql.ref(column)} = ${sql.ref(`excluded.${column}`)}`);
    const made = sql`
      INSERT INTO task (${sql.join(COLUMNS.map((column) => sql.ref(column)))})
      VALUES ${sql.join(Array.from({ length: size }, () => row))}
      ON CONFLICT (id, source) DO UPDATE SET ${sql.join([...kept, ...replaced])},
        moment = coalesce(excluded.sent_at, task.sent_at, excluded.moment, task.moment),
        attempts = CASE WHEN coalesce(task.attempts, 0) > coalesce(excluded.attempts, 0) THEN task.attempts ELSE excluded.attempts END
    `.compile(db).sql;
    this.#statements.set(size, made);
    return made;
  }
}
