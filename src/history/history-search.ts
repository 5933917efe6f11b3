import { type Kysely, sql } from 'kysely';
import { NotSupported } from '../core/errors.js';
import type { HistoryPage } from '../core/history-store.js';
import { currentScope } from '../core/scope.js';
import type { TaskQuery } from '../core/task-query.js';
import type { HistorySchema } from './database/schema.js';
import type { HistoryTotal } from './history-total.js';
import { type KeyBounds, keyBoundsOf } from './key-bounds.js';
import { conditionsOf, scopeConditions, selectiveConditionsOf } from './task-condition.js';
import { micros, millis, type TaskRow, taskOf, UNREAD } from './task-row.js';
import { behind, keyAhead, keyOf, type RowPlace, rowsBetween, rowsWithoutKey, type Scan } from './task-windows.js';
import type { WordBook } from './word-book.js';

/** After so long no further window is begun. */
const SCAN_MS = 45;
/** What one window should take; its size follows from how long the one before took. */
const WINDOW_MS = 15;
const FIRST_WINDOW = 2_000;
const MAX_WINDOW = 400_000;
/** What an index selects is read as a whole where it is not more than this. */
const FEW = 5_000;

interface Found {
  readonly rows: readonly TaskRow[];
  /** null where nothing is left. */
  readonly next: RowPlace | null;
  readonly complete: boolean;
}

/**
 * Searches in windows of rows: however rare what is looked for, and however many tasks there are, a search ends after some tens of
 * milliseconds with what it has found so far and the place where to read on. Pages continue at a key, so all cost the same.
 */
export class HistorySearch {
  readonly #db: Kysely<HistorySchema>;
  readonly #words: WordBook;
  readonly #totals: HistoryTotal;
  readonly #now: () => number;

  /** `now`: the monotonic clock, in milliseconds. */
  constructor(db: Kysely<HistorySchema>, words: WordBook, totals: HistoryTotal, now: () => number) {
    this.#db = db;
    this.#words = words;
    this.#totals = totals;
    this.#now = now;
  }

  async page(query: TaskQuery): Promise<HistoryPage> {
    const { field, descending } = query.order;
    if (field === 'name') throw new NotSupported('the history has no order by name; sort=-sent has one');
    const scan: Scan = {
      order: { field, descending },
      conditions: [...conditionsOf(query.filter), ...scopeConditions(currentScope())],
    };
    const few = await this.#areFew(query);
    const { rows, next, complete } = await this.#find(scan, keyBoundsOf(query.filter, field), query, few);
    const { total, totalExact } =
      query.after === null && next === null
        ? { total: rows.length, totalExact: true }
        : await this.#totals.of(query.filter);
    const ids = rows.flatMap((row) => [row.source, row.name, row.queue, row.worker, row.error_type]);
    const word = await this.#words.texts(this.#db, ids);
    return {
      items: rows.map((row) => taskOf(row, word, UNREAD)),
      next: next === null ? null : { key: millis(next.key), source: next.source, id: next.id },
      complete,
      total: Math.max(total, rows.length),
      totalExact,
    };
  }

  async #find(scan: Scan, bounds: KeyBounds, { limit, after }: TaskQuery, few: boolean): Promise<Found> {
    const began = this.#now();
    const rows: TaskRow[] = [];
    const { descending } = scan.order;
    const [first, last] = descending ? [bounds.high, bounds.low] : [bounds.low, bounds.high];
    let place = after === null ? beforeAll(first) : placeOf(after.key, after.source, after.id);
    if (place === null || place.key !== null) {
      let size = FIRST_WINDOW;
      for (;;) {
        const windowBegan = this.#now();
        if (windowBegan - began > SCAN_MS) return { rows, next: place, complete: false };
        const ahead = few ? null : await keyAhead(this.#db, scan, place?.key ?? null, size);
        // Beyond the last key that can be selected nothing is looked at.
        const to = ahead !== null && last !== null && (descending ? ahead < last : ahead > last) ? null : ahead;
        rows.push(...(await rowsBetween(this.#db, scan, place, to, limit + 1 - rows.length)));
        if (rows.length > limit) return this.#full(scan, rows, limit);
        if (to === null) break;
        place = behind(to);
        const took = Math.max(0.5, this.#now() - windowBegan);
        size = Math.min(MAX_WINDOW, Math.round(size * Math.min(8, Math.max(0.5, WINDOW_MS / took))));
      }
      place = null;
      if (first !== null || last !== null) return { rows, next: null, complete: true };
    }
    rows.push(...(await rowsWithoutKey(this.#db, scan, place, limit + 1 - rows.length)));
    return rows.length > limit ? this.#full(scan, rows, limit) : { rows, next: null, complete: true };
  }

  async #full(scan: Scan, rows: readonly TaskRow[], limit: number): Promise<Found> {
    const page = rows.slice(0, limit);
    const last = page[page.length - 1];
    if (last === undefined) return { rows: page, next: null, complete: true };
    const word = await this.#words.texts(this.#db, [last.source]);
    return { rows: page, next: placeOf(millis(keyOf(last, scan)), word(last.source) ?? '', last.id), complete: true };
  }

  /** Whether an index alone leaves so few tasks that they can all be looked at. */
  async #areFew({ filter }: TaskQuery): Promise<boolean> {
    for (const condition of selectiveConditionsOf(filter)) {
      const { rows } = await sql<{ count: number }>`
        SELECT count(*) AS count FROM (SELECT 1 AS one FROM task WHERE ${condition} LIMIT ${FEW + 1}) AS walked
      `.execute(this.#db);
      if (Number(rows[0]?.count ?? 0) <= FEW) return true;
    }
    return false;
  }
}

/** The place before every task with this key. */
function beforeAll(key: number | null): RowPlace | null {
  return key === null ? null : { key, source: '', id: '' };
}

function placeOf(key: number | string | null, source: string, id: string): RowPlace {
  return { key: typeof key === 'number' ? micros(key) : null, source, id };
}
