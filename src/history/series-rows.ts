import { type Kysely, sql } from 'kysely';
import type { DurationSketch } from '../core/duration-sketch.js';
import {
  isTaskFigures,
  SERIES_KEPT,
  SERIES_KINDS,
  SERIES_STEPS,
  type SeriesQuery,
  type SeriesRow,
  type SeriesStep,
} from '../core/series.js';
import { SeriesSum } from '../core/series-sum.js';
import type { HistorySchema, SeriesTable } from './database/schema.js';
import { parseJson } from './stored-json.js';
import { bounded, type WordBook } from './word-book.js';

/** A slot is added up this long after its end, when its last row has been stored. */
const SETTLED = 20;
const PER_QUERY = 500;
/** More than any chart asks for; a query that would read more is cut. */
const MAX_ROWS = 100_000;

type Stored = Pick<SeriesTable, 'step' | 'kind' | 'key' | 'source' | 'at' | 'figures'>;

export async function writeSeries(
  db: Kysely<HistorySchema>,
  rows: readonly SeriesRow[],
  words: ReadonlyMap<string, number>,
): Promise<void> {
  await upsert(
    db,
    rows.map(({ step, kind, key, source, at, figures }) => ({
      step,
      kind: SERIES_KINDS.indexOf(kind),
      key: key === '' ? 0 : (words.get(bounded(key)) ?? 0),
      source: words.get(bounded(source)) ?? 0,
      at,
      figures: figuresText(figures),
    })),
  );
}

/** Rows that together cover the time asked for, each part of it once: the coarse ones where they are complete, finer ones after that. */
export async function readSeries(
  db: Kysely<HistorySchema>,
  words: WordBook,
  { kind, key, source, from, to, step }: SeriesQuery,
  now: number,
): Promise<readonly SeriesRow[]> {
  const keyId = key === null || key === '' ? null : await words.idOf(db, key);
  const sourceId = source === null ? null : await words.idOf(db, source);
  if ((key !== null && key !== '' && keyId === null) || (source !== null && sourceId === null)) return [];
  const rows: Stored[] = [];
  let begin = from;
  for (const part of partsOf(to, step, now)) {
    const query = db
      .selectFrom('series')
      .selectAll()
      .where('step', '=', part.step)
      .where('kind', '=', SERIES_KINDS.indexOf(kind))
      .$if(keyId !== null, (asked) => asked.where('key', '=', keyId ?? 0))
      .$if(sourceId !== null, (asked) => asked.where('source', '=', sourceId ?? 0))
      .where('at', '>=', begin)
      .where('at', '<', part.to)
      .limit(MAX_ROWS);
    rows.push(...(await query.execute()));
    begin = Math.max(begin, part.to);
  }
  const text = await words.texts(
    db,
    rows.flatMap((row) => [row.source, row.key === 0 ? null : row.key]),
  );
  return rows.flatMap((row) => {
    const figures = figuresOf(row.figures);
    const known = SERIES_STEPS.find((each) => each === row.step);
    return figures === null || known === undefined
      ? []
      : [
          {
            step: known,
            kind,
            key: text(row.key === 0 ? null : row.key) ?? '',
            source: text(row.source) ?? '',
            at: row.at,
            figures,
          },
        ];
  });
}

/** Adds up what has been completed since the last time, and removes what is too old. `now`: epoch seconds. */
export async function rollUp(db: Kysely<HistorySchema>, now: number): Promise<void> {
  for (const [at, coarse] of SERIES_STEPS.entries()) {
    await db
      .deleteFrom('series')
      .where('step', '=', coarse)
      .where('at', '<', now - SERIES_KEPT[coarse])
      .execute();
    const fine = SERIES_STEPS[at - 1];
    if (fine === undefined) continue;
    const until = Math.floor((now - SETTLED) / coarse) * coarse;
    const { rows } = await sql<{
      done: number | null;
    }>`SELECT max(at) AS done FROM series WHERE step = ${coarse}`.execute(db);
    const { rows: first } = await sql<{ at: number | null }>`
      SELECT min(at) AS at FROM series WHERE step = ${fine} AND at >= ${(rows[0]?.done ?? -coarse) + coarse}
    `.execute(db);
    const oldest = first[0]?.at ?? null;
    if (oldest === null) continue;
    for (let slot = Math.floor(oldest / coarse) * coarse; slot < until; slot += coarse)
      await addUp(db, fine, coarse, slot);
  }
}

async function addUp(db: Kysely<HistorySchema>, fine: SeriesStep, coarse: SeriesStep, slot: number): Promise<void> {
  const rows = await db
    .selectFrom('series')
    .selectAll()
    .where('step', '=', fine)
    .where('at', '>=', slot)
    .where('at', '<', slot + coarse)
    .execute();
  const sums = new Map<string, { readonly row: Stored; readonly sum: SeriesSum; readonly tasks: boolean }>();
  for (const row of rows) {
    const figures = figuresOf(row.figures);
    if (figures === null) continue;
    const place = `${row.kind} ${row.key} ${row.source}`;
    const known = sums.get(place) ?? { row, sum: new SeriesSum(), tasks: 'run' in figures };
    known.sum.add(figures);
    sums.set(place, known);
  }
  await upsert(
    db,
    Array.from(sums.values(), ({ row, sum, tasks }) => ({
      ...row,
      step: coarse,
      at: slot,
      figures: figuresText(tasks ? sum.tasks() : sum.levels()),
    })),
  );
}

async function upsert(db: Kysely<HistorySchema>, rows: readonly Stored[]): Promise<void> {
  for (let from = 0; from < rows.length; from += PER_QUERY) {
    await db
      .insertInto('series')
      .values(rows.slice(from, from + PER_QUERY))
      .onConflict((conflict) =>
        conflict
          .columns(['step', 'kind', 'key', 'source', 'at'])
          .doUpdateSet(({ ref }) => ({ figures: ref('excluded.figures') })),
      )
      .execute();
  }
}

/** From the coarsest rows that fit to the finest, each up to where it is complete. */
function partsOf(to: number, step: number, now: number): readonly { readonly step: SeriesStep; readonly to: number }[] {
  const fitting = SERIES_STEPS.filter((rows) => rows <= step && step % rows === 0).reverse();
  return fitting.map((rows) => ({
    step: rows,
    to: rows === SERIES_STEPS[0] ? to : Math.min(to, Math.floor((now - 2 * SETTLED) / rows) * rows),
  }));
}

function figuresText(figures: SeriesRow['figures']): string {
  if (!isTaskFigures(figures)) {
    const { samples, first, second, third, greatest } = figures;
    return JSON.stringify([samples, first, second, third, greatest]);
  }
  const { sent, started, success, failure, retry, revoked, rejected, run, wait } = figures;
  return JSON.stringify([sent, started, success, failure, retry, revoked, rejected, run, wait]);
}

/** null where the text is not what this program writes. By hand, as a chart reads thousands of them. */
function figuresOf(text: string): SeriesRow['figures'] | null {
  const list = parseJson(text);
  if (!Array.isArray(list)) return null;
  const number = (at: number): number => (typeof list[at] === 'number' ? list[at] : 0);
  const known = (at: number): number | null => (typeof list[at] === 'number' ? list[at] : null);
  if (list.length === 5) {
    return { samples: number(0), first: number(1), second: known(2), third: known(3), greatest: known(4) };
  }
  return {
    sent: number(0),
    started: number(1),
    success: number(2),
    failure: number(3),
    retry: number(4),
    revoked: number(5),
    rejected: number(6),
    run: sketchOf(list[7]),
    wait: sketchOf(list[8]),
  };
}

function sketchOf(value: unknown): DurationSketch {
  return Array.isArray(value) ? value.map(Number) : [];
}
