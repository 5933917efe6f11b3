import { type Kysely, sql } from 'kysely';
import type { HistoryPage } from '../core/history-store.js';
import { currentScope } from '../core/scope.js';
import type { TaskFilter } from '../core/task-query.js';
import type { HistorySchema } from './database/schema.js';
import { keyBoundsOf } from './key-bounds.js';
import { type Condition, conditionsOf, scopeConditions } from './task-condition.js';
import { every } from './task-windows.js';

/** Counted over this many of the latest tasks in question, and beyond that extrapolated. */
const COUNTED = 10_000;
/** Where only a time is asked for, the index is walked as far as this. */
const WALKED = 200_000;
/** The number of all tasks is counted anew after this long. */
const AGE_MS = 10_000;

/** Estimates remembered: whoever turns pages has the same filter counted once. */
const MAX_ESTIMATES = 200;

type Total = Pick<HistoryPage, 'total' | 'totalExact'>;

/** How many tasks a filter selects, at a bounded cost: exact where they are few, else told as the estimate that it is. */
export class HistoryTotal {
  readonly #db: Kysely<HistorySchema>;
  readonly #now: () => number;
  readonly #estimates = new Map<string, { readonly total: number; readonly at: number }>();
  #all: { readonly tasks: number; readonly at: number } | null = null;

  /** `now`: the monotonic clock, in milliseconds. */
  constructor(db: Kysely<HistorySchema>, now: () => number) {
    this.#db = db;
    this.#now = now;
  }

  /** All tasks; at most ten seconds old where there are many. */
  async tasks(): Promise<number> {
    const now = this.#now();
    if (this.#all !== null && this.#all.tasks > COUNTED && now - this.#all.at < AGE_MS) return this.#all.tasks;
    const tasks = await this.#count(sql`SELECT count(*) AS count FROM task`);
    this.#all = { tasks, at: now };
    return tasks;
  }

  async of(filter: TaskFilter): Promise<Total> {
    const key = JSON.stringify([filter, currentScope()]);
    const known = this.#estimates.get(key);
    if (known !== undefined && this.#now() - known.at < AGE_MS) return { total: known.total, totalExact: false };
    const found = await this.#of(filter);
    this.#estimates.delete(key);
    if (!found.totalExact) this.#estimates.set(key, { total: found.total, at: this.#now() });
    if (this.#estimates.size > MAX_ESTIMATES)
      for (const oldest of [...this.#estimates.keys()].slice(0, MAX_ESTIMATES / 2)) this.#estimates.delete(oldest);
    return found;
  }

  async #of(filter: TaskFilter): Promise<Total> {
    const { since: _, until: __, ...others } = filter;
    const conditions = [...conditionsOf(others), ...scopeConditions(currentScope())];
    const time = timeConditions(filter);
    const inTime = time.length === 0 ? await this.tasks() : await this.#inTime(time);
    if (conditions.length === 0)
      return { total: inTime, totalExact: inTime < WALKED && (time.length > 0 || inTime <= COUNTED) };

    const found = await this.#count(sql`
      SELECT count(*) AS count FROM (SELECT * FROM task WHERE ${every(time)} ORDER BY moment DESC LIMIT ${COUNTED}) AS task
      WHERE ${every(conditions)}
    `);
    if (inTime <= COUNTED) return { total: found, totalExact: true };
    return { total: Math.round((found / COUNTED) * inTime), totalExact: false };
  }

  #inTime(time: readonly Condition[]): Promise<number> {
    return this.#count(
      sql`SELECT count(*) AS count FROM (SELECT 1 AS one FROM task WHERE ${every(time)} LIMIT ${WALKED}) AS walked`,
    );
  }

  async #count(query: ReturnType<typeof sql<{ count: number }>>): Promise<number> {
    const { rows } = await query.execute(this.#db);
    return Number(rows[0]?.count ?? 0);
  }
}

/** What an index over `moment` can answer. */
function timeConditions(filter: TaskFilter): readonly Condition[] {
  const { since, until } = filter;
  const { low, high } = keyBoundsOf(filter, 'sent');
  return [
    ...conditionsOf({ ...(since !== undefined && { since }), ...(until !== undefined && { until }) }),
    ...(low === null ? [] : [sql`moment >= ${low}`]),
    ...(high === null ? [] : [sql`moment <= ${high}`]),
  ];
}
