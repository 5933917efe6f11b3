import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { TaskOrder, TaskSortField } from '../core/task-query.js';
import type { HistorySchema } from './database/schema.js';
import type { Condition } from './task-condition.js';
import type { TaskRow } from './task-row.js';

const COLUMNS = { sent: 'moment', started: 'started_at', finished: 'finished_at', runtime: 'runtime' } as const;
/** Orders that have an index. */
export type IndexedField = Exclude<TaskSortField, 'name'>;

/** Where a page ended: the key in microseconds and, for equal keys, source and id. */
export interface RowPlace {
  readonly key: number | null;
  readonly source: string;
  readonly id: string;
}

export interface Scan {
  readonly order: TaskOrder & { readonly field: IndexedField };
  readonly conditions: readonly Condition[];
}

const SOURCE = sql`(SELECT word.text FROM word WHERE word.id = task.source)`;
/** Comes after every name of a source. */
const AFTER_ALL = '\u{10FFFF}';

/** The place just behind every task with this key. */
export function behind(key: number): RowPlace {
  return { key, source: AFTER_ALL, id: '' };
}

export function keyOf(row: TaskRow, { order }: Scan): number | null {
  return row[COLUMNS[order.field]];
}

/** The key so many rows further on; null where there are not so many. Walks an index only: some million rows a second. */
export async function keyAhead(
  db: Kysely<HistorySchema>,
  { order }: Scan,
  from: number | null,
  rows: number,
): Promise<number | null> {
  const column = columnOf(order);
  const beyond = from === null ? sql`${column} IS NOT NULL` : sql`${column} ${sign(order, false)} ${from}`;
  const { rows: found } = await sql<{ key: number }>`
    SELECT ${column} AS key FROM task WHERE ${beyond} ORDER BY ${column} ${direction(order)} LIMIT 1 OFFSET ${rows}
  `.execute(db);
  return found[0]?.key ?? null;
}

/** The rows after a place and up to a key, both of which may be open, that fulfil the conditions; in order, at most `limit`. */
export async function rowsBetween(
  db: Kysely<HistorySchema>,
  { order, conditions }: Scan,
  after: RowPlace | null,
  to: number | null,
  limit: number,
): Promise<readonly TaskRow[]> {
  const column = columnOf(order);
  const from =
    after === null
      ? sql`${column} IS NOT NULL`
      : sql`${column} ${sign(order, true)} ${after.key} AND (${column} <> ${after.key} OR (${SOURCE}, id) > (${after.source}, ${after.id}))`;
  const until = to === null ? [] : [sql`${column} ${sql.raw(order.descending ? '>=' : '<=')} ${to}`];
  const { rows } = await sql<TaskRow>`
    SELECT task.* FROM task WHERE ${every([from, ...until, ...conditions])}
    ORDER BY ${column} ${direction(order)}, ${SOURCE}, id LIMIT ${limit}
  `.execute(db);
  return rows;
}

/** Tasks without a key come last in either direction: those that wait, or still run. */
export async function rowsWithoutKey(
  db: Kysely<HistorySchema>,
  { order, conditions }: Scan,
  after: RowPlace | null,
  limit: number,
): Promise<readonly TaskRow[]> {
  const further = after === null ? [] : [sql`(${SOURCE}, id) > (${after.source}, ${after.id})`];
  const { rows } = await sql<TaskRow>`
    SELECT task.* FROM task WHERE ${every([sql`${columnOf(order)} IS NULL`, ...further, ...conditions])}
    ORDER BY ${SOURCE}, id LIMIT ${limit}
  `.execute(db);
  return rows;
}

export function every(conditions: readonly Condition[]): RawBuilder<unknown> {
  return conditions.length === 0 ? sql`1 = 1` : sql.join([...conditions], sql` AND `);
}

function columnOf({ field }: Scan['order']): RawBuilder<unknown> {
  return sql.ref(COLUMNS[field]);
}

function sign({ descending }: TaskOrder, orEqual: boolean): RawBuilder<unknown> {
  return sql.raw(`${descending ? '<' : '>'}${orEqual ? '=' : ''}`);
}

function direction({ descending }: TaskOrder): RawBuilder<unknown> {
  return sql.raw(descending ? 'DESC' : 'ASC');
}
