import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import type { ActionQuery, ControlAction } from '../core/history-store.js';
import type { HistorySchema } from './database/schema.js';
import { parseJson } from './stored-json.js';
import { micros, millis, stored } from './task-row.js';

const askedSchema = z.record(z.string(), z.unknown());
const workersSchema = z.array(z.object({ worker: z.string(), answer: z.string(), message: z.string().nullable() }));

export async function writeActions(db: Kysely<HistorySchema>, actions: readonly ControlAction[]): Promise<void> {
  for (const action of actions) {
    const { at, kind, who, address, operation, path, asked, outcome, status, message, workers } = action;
    await db
      .insertInto('action')
      .values({
        at: micros(at) ?? 0,
        kind,
        who: who === null ? null : stored(who),
        address: stored(address),
        operation: stored(operation),
        path: stored(path),
        asked: stored(JSON.stringify(asked)),
        outcome,
        status,
        message: message === null ? null : stored(message),
        workers: stored(JSON.stringify(workers)),
      })
      .execute();
  }
}

/** The latest first. */
export async function readActions(
  db: Kysely<HistorySchema>,
  { since, task, limit }: ActionQuery,
): Promise<readonly ControlAction[]> {
  const paths = task === null ? [] : pathsOf(task);
  const rows = await db
    .selectFrom('action')
    .selectAll()
    .where('at', '>=', micros(since) ?? 0)
    .$if(paths.length > 0, (query) =>
      query.where((either) => either.or(paths.map((path) => sql<boolean>`path LIKE ${path} ESCAPE '!'`))),
    )
    .orderBy('at', 'desc')
    .orderBy('seq', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ seq: _, at, asked, workers, ...row }) => ({
    ...row,
    at: millis(at) ?? 0,
    asked: askedSchema.safeParse(parseJson(asked)).data ?? {},
    workers: workersSchema.safeParse(parseJson(workers)).data ?? [],
  }));
}

/** As a caller may have written them: `:` in a path need not be encoded. */
function pathsOf(task: string): readonly string[] {
  return [...new Set([task, encodeURIComponent(task)])].flatMap((id) => {
    const path = `%/tasks/${stored(id).replaceAll(/[!%_]/g, '!$&')}`;
    return [path, `${path}/%`];
  });
}
