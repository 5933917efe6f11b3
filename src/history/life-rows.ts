import type { Kysely, Selectable } from 'kysely';
import { type LifeQuery, WORKER_ENDS, type WorkerLife } from '../core/history-store.js';
import type { HistorySchema, WorkerLifeTable } from './database/schema.js';
import { micros, millis, stored } from './task-row.js';
import { bounded, type WordBook } from './word-book.js';

/** Workers that may be taken up again after a restart. */
const MAX_OPEN = 20_000;

/** `words` knows sources and names. */
export async function writeLives(
  db: Kysely<HistorySchema>,
  lives: readonly WorkerLife[],
  words: ReadonlyMap<string, number>,
): Promise<void> {
  for (const life of lives) {
    const told = {
      pid: life.pid,
      host: life.host === null ? null : stored(life.host),
      software: life.software === null ? null : stored(life.software),
      started_at: micros(life.startedAt),
      seen_at: micros(life.seenAt) ?? 0,
      ended_at: micros(life.endedAt),
      ended: life.ended,
    };
    await db
      .insertInto('worker_life')
      .values({
        source: words.get(bounded(life.source)) ?? 0,
        name: words.get(bounded(life.name)) ?? 0,
        since: micros(life.since) ?? 0,
        ...told,
      })
      .onConflict((at) => at.columns(['source', 'name', 'since']).doUpdateSet(told))
      .execute();
  }
}

/** Those that had not ended. */
export async function readOpenLives(db: Kysely<HistorySchema>, words: WordBook): Promise<readonly WorkerLife[]> {
  const rows = await db
    .selectFrom('worker_life')
    .selectAll()
    .where('ended_at', 'is', null)
    .orderBy('seen_at', 'desc')
    .limit(MAX_OPEN)
    .execute();
  return livesOf(db, rows, words);
}

/** The latest first. */
export async function readLives(
  db: Kysely<HistorySchema>,
  words: WordBook,
  { since, name, source, limit }: LifeQuery,
): Promise<readonly WorkerLife[]> {
  const only = name === null ? null : await words.idOf(db, name);
  const from = source === null ? null : await words.idOf(db, source);
  if ((name !== null && only === null) || (source !== null && from === null)) return [];
  const rows = await db
    .selectFrom('worker_life')
    .selectAll()
    .where('seen_at', '>=', micros(since) ?? 0)
    .$if(only !== null, (query) => query.where('name', '=', only ?? 0))
    .$if(from !== null, (query) => query.where('source', '=', from ?? 0))
    .orderBy('seen_at', 'desc')
    .limit(limit)
    .execute();
  return livesOf(db, rows, words);
}

async function livesOf(
  db: Kysely<HistorySchema>,
  rows: readonly Selectable<WorkerLifeTable>[],
  words: WordBook,
): Promise<readonly WorkerLife[]> {
  const word = await words.texts(
    db,
    rows.flatMap(({ source, name }) => [source, name]),
  );
  return rows.map((row) => ({
    source: word(row.source) ?? '',
    name: word(row.name) ?? '',
    since: millis(row.since) ?? 0,
    pid: row.pid,
    host: row.host,
    software: row.software,
    startedAt: millis(row.started_at),
    seenAt: millis(row.seen_at) ?? 0,
    endedAt: millis(row.ended_at),
    ended: WORKER_ENDS.find((known) => known === row.ended) ?? null,
  }));
}
