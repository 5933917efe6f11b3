import type { Insertable, Kysely } from 'kysely';
import type { GapRecord, HistoryState } from '../core/history-store.js';
import { GAP_EXACTNESS } from '../core/task-event.js';
import type { GapTable, HistorySchema } from './database/schema.js';
import { micros, millis } from './task-row.js';
import { bounded, type WordBook } from './word-book.js';

const LISTED = 1_000;

export function gapRowOf(gap: GapRecord, words: ReadonlyMap<string, number>): Insertable<GapTable> {
  return {
    number: gap.number,
    source: words.get(bounded(gap.source)) ?? 0,
    from_at: micros(gap.from) ?? 0,
    to_at: micros(gap.to) ?? 0,
    queue: gap.queue === null ? null : (words.get(bounded(gap.queue)) ?? null),
    reason: gap.reason,
    missed: gap.missed,
    exactness: gap.exactness,
  };
}

/** The latest, newest first. */
export async function readGaps(
  db: Kysely<HistorySchema>,
  words: WordBook,
): Promise<Pick<HistoryState, 'gaps' | 'lastGap'>> {
  const rows = await db.selectFrom('gap').selectAll().orderBy('number', 'desc').limit(LISTED).execute();
  const word = await words.texts(
    db,
    rows.flatMap(({ source, queue }) => [source, queue]),
  );
  const gaps = rows.map((row) => ({
    number: row.number,
    source: word(row.source) ?? '',
    from: millis(row.from_at) ?? 0,
    to: millis(row.to_at) ?? 0,
    queue: word(row.queue),
    reason: row.reason,
    missed: row.missed,
    exactness: GAP_EXACTNESS.find((known) => known === row.exactness) ?? 'unknown',
  }));
  return { gaps, lastGap: rows[0]?.number ?? 0 };
}
