import type { Kysely } from 'kysely';
import type { HistoryBatch, HistoryState } from '../core/history-store.js';
import type { HistorySchema } from './database/schema.js';
import { parseFacts, parseJson } from './stored-json.js';

const STORED_AT = 'stored-at';
const WRITER = 'writer';
/** Series in one statement. */
const PER_QUERY = 500;

/** Whoever opened the history last is the one whose counters go on from what is stored. */
export async function writeWriter(db: Kysely<HistorySchema>, writer: string): Promise<void> {
  await db
    .insertInto('meta')
    .values({ key: WRITER, value: writer })
    .onConflict((conflict) => conflict.column('key').doUpdateSet(({ ref }) => ({ value: ref('excluded.value') })))
    .execute();
}

export async function readWriter(db: Kysely<HistorySchema>): Promise<string | null> {
  const row = await db.selectFrom('meta').select('value').where('key', '=', WRITER).executeTakeFirst();
  return row?.value ?? null;
}

/** Counters, read positions and the time of the batch: what a restart continues from. */
export async function writeState(
  db: Kysely<HistorySchema>,
  { at, ledger, positions }: Pick<HistoryBatch, 'at' | 'ledger' | 'positions'>,
): Promise<void> {
  for (let from = 0; from < ledger.length; from += PER_QUERY) {
    await db
      .insertInto('ledger')
      .values(
        ledger.slice(from, from + PER_QUERY).map(({ key, numbers }) => ({ key, numbers: JSON.stringify(numbers) })),
      )
      .onConflict((conflict) => conflict.column('key').doUpdateSet(({ ref }) => ({ numbers: ref('excluded.numbers') })))
      .execute();
  }
  for (const { source, position } of positions) {
    await db
      .insertInto('position')
      .values({ source, position: JSON.stringify(position) })
      .onConflict((conflict) =>
        conflict.column('source').doUpdateSet(({ ref }) => ({ position: ref('excluded.position') })),
      )
      .execute();
  }
  await db
    .insertInto('meta')
    .values({ key: STORED_AT, value: String(at) })
    .onConflict((conflict) => conflict.column('key').doUpdateSet(({ ref }) => ({ value: ref('excluded.value') })))
    .execute();
}

export async function readState(
  db: Kysely<HistorySchema>,
): Promise<Pick<HistoryState, 'storedAt' | 'ledger' | 'positions'>> {
  const ledger = await db.selectFrom('ledger').selectAll().execute();
  const positions = await db.selectFrom('position').selectAll().execute();
  const stored = await db.selectFrom('meta').select('value').where('key', '=', STORED_AT).executeTakeFirst();
  const storedAt = stored === undefined ? Number.NaN : Number(stored.value);
  return {
    storedAt: Number.isFinite(storedAt) ? storedAt : null,
    ledger: ledger.map(({ key, numbers }) => ({ key, numbers: parseFacts(numbers) })),
    positions: positions.map(({ source, position }) => ({ source, position: parseJson(position) })),
  };
}
