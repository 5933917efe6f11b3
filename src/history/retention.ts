import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { HistoryRetention, HistorySize } from '../core/history-store.js';
import { TASK_STATES } from '../core/task.js';
import type { HistorySchema } from './database/schema.js';
import { micros } from './task-row.js';

const FAILURE = sql.lit(TASK_STATES.indexOf('FAILURE'));

/** Removes the oldest tasks that are no longer to be kept, at most `limit` of them. Returns how many. */
export async function prune(
  db: Kysely<HistorySchema>,
  keep: HistoryRetention,
  size: HistorySize,
  limit: number,
): Promise<number> {
  const tooMany = size.tasks > keep.maxTasks || size.bytes > keep.maxBytes;
  const steps: readonly RawBuilder<unknown>[] = [
    ...(tooMany ? [sql`1 = 1`] : []),
    sql`moment < ${micros(keep.before)} AND state <> ${FAILURE}`,
    sql`moment < ${micros(keep.failuresBefore)}`,
  ];
  for (const condition of steps) {
    const { rows } = await sql<{ result_ref: string | null }>`
      DELETE FROM task WHERE seq IN (SELECT seq FROM task WHERE ${condition} ORDER BY moment LIMIT ${limit})
      RETURNING result_ref
    `.execute(db);
    await dropLarge(db, new Set(rows.flatMap(({ result_ref }) => (result_ref === null ? [] : [result_ref]))));
    if (rows.length > 0) return rows.length;
  }
  return 0;
}

/** Of these values those that no other task refers to. */
async function dropLarge(db: Kysely<HistorySchema>, hashes: ReadonlySet<string>): Promise<void> {
  if (hashes.size === 0) return;
  await sql`
    DELETE FROM large WHERE hash IN (${sql.join([...hashes])})
    AND NOT EXISTS (SELECT 1 FROM task WHERE task.result_ref = large.hash)
  `.execute(db);
}
