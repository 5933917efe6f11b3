import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { HistoryRetention, HistorySize } from '../core/history-store.js';
import { TASK_STATES, type TaskState } from '../core/task.js';
import type { HistorySchema } from './database/schema.js';
import { micros } from './task-row.js';

/** Each has an index. */
const REFERRING = ['result_ref', 'args_ref', 'kwargs_ref', 'traceback_ref'] as const;

/** Removes the oldest tasks that are no longer to be kept, at most `limit` of them. Returns how many. */
export async function prune(
  db: Kysely<HistorySchema>,
  keep: HistoryRetention,
  size: HistorySize,
  limit: number,
): Promise<number> {
  const apart = new Map<TaskState, number>([['FAILURE', keep.failuresBefore], ...keep.statesBefore]);
  const rest = sql.join(Array.from(apart.keys(), numberOf));
  const tooMany = size.tasks > keep.maxTasks || size.bytes > keep.maxBytes;
  const steps: readonly RawBuilder<unknown>[] = [
    ...(tooMany ? [sql`1 = 1`] : []),
    sql`moment < ${micros(keep.before)} AND state NOT IN (${rest})`,
    ...Array.from(apart, ([state, before]) => sql`moment < ${micros(before)} AND state = ${numberOf(state)}`),
  ];
  for (const condition of steps) {
    const { rows } = await sql<Record<(typeof REFERRING)[number], string | null>>`
      DELETE FROM task WHERE seq IN (SELECT seq FROM task WHERE ${condition} ORDER BY moment LIMIT ${limit})
      RETURNING ${sql.join(REFERRING.map((column) => sql.ref(column)))}
    `.execute(db);
    const hashes = rows.flatMap((row) => REFERRING.map((column) => row[column])).filter((hash) => hash !== null);
    await dropLarge(db, new Set(hashes));
    if (rows.length > 0) return rows.length;
  }
  await pruneNotes(db, keep);
  return 0;
}

function numberOf(state: TaskState): RawBuilder<unknown> {
  return sql.lit(TASK_STATES.indexOf(state));
}

/** Anybody who may be refused can make more of them. */
const MAX_ACTIONS = 100_000;

/** Lives that have ended go with the tasks of their time, actions with the failures, and the oldest where there are too many. */
async function pruneNotes(db: Kysely<HistorySchema>, { before, failuresBefore }: HistoryRetention): Promise<void> {
  await db
    .deleteFrom('worker_life')
    .where('seen_at', '<', micros(before) ?? 0)
    .where('ended_at', 'is not', null)
    .execute();
  await db
    .deleteFrom('action')
    .where('at', '<', micros(failuresBefore) ?? 0)
    .execute();
  await sql`DELETE FROM action WHERE seq <= (SELECT max(seq) FROM action) - ${sql.lit(MAX_ACTIONS)}`.execute(db);
}

/** Of these values those that no other task refers to. */
async function dropLarge(db: Kysely<HistorySchema>, hashes: ReadonlySet<string>): Promise<void> {
  if (hashes.size === 0) return;
  const unused = REFERRING.map(
    (column) => sql`AND NOT EXISTS (SELECT 1 FROM task WHERE ${sql.ref(`task.${column}`)} = large.hash)`,
  );
  await sql`
    DELETE FROM large WHERE hash IN (${sql.join([...hashes])})
    ${sql.join(unused, sql` `)}
  `.execute(db);
}
