import type { TaskFact, TotalsRow } from './protocol.js';
import { OTHER } from './protocol.js';

/** Bounds a report to about a quarter of a megabyte in the worst case; a usual worker has some ten rows. */
const MAX_ROWS = 2_000;

type Counted = Pick<TaskFact, 'kind' | 'engine' | 'prefix' | 'queue' | 'jobName' | 'error' | 'timedOut'>;

interface Row extends TotalsRow {
  count: number;
  timedOut: number;
}

/**
 * Finished attempts since the agent started. A row, once there, stays: a fact that finds no row and no room for a new one is counted in
 * its queue's row named `__other__`, so the sums stay exact whatever names an application invents.
 */
export class Totals {
  readonly #rows = new Map<string, Row>();

  count(fact: Counted): void {
    if (fact.kind === 'started') return;
    const reason = fact.kind === 'retried' ? (fact.error?.type ?? null) : null;
    const row = this.#row(fact, fact.kind, fact.jobName, reason) ?? this.#otherRow(fact, fact.kind);
    row.count += 1;
    if (fact.timedOut) row.timedOut += 1;
  }

  rows(): readonly TotalsRow[] {
    return [...this.#rows.values()].map((row) => ({ ...row }));
  }

  /** Over all queues and names. */
  sum(kind: TotalsRow['kind']): number {
    let sum = 0;
    for (const row of this.#rows.values()) if (row.kind === kind) sum += row.count;
    return sum;
  }

  #row(fact: Counted, kind: TotalsRow['kind'], jobName: string, reason: string | null): Row | null {
    const key = keyOf(fact, kind, jobName, reason);
    const found = this.#rows.get(key);
    if (found !== undefined) return found;
    return this.#rows.size < MAX_ROWS ? this.#add(key, fact, kind, jobName, reason) : null;
  }

  /** Allowed beyond the limit: there are only as many as queues and kinds. */
  #otherRow(fact: Counted, kind: TotalsRow['kind']): Row {
    const reason = kind === 'retried' ? OTHER : null;
    const key = keyOf(fact, kind, OTHER, reason);
    return this.#rows.get(key) ?? this.#add(key, fact, kind, OTHER, reason);
  }

  #add(key: string, fact: Counted, kind: TotalsRow['kind'], jobName: string, reason: string | null): Row {
    const { engine, prefix, queue } = fact;
    const row = { engine, prefix, queue, jobName, kind, reason, count: 0, timedOut: 0 };
    this.#rows.set(key, row);
    return row;
  }
}

function keyOf(fact: Counted, kind: string, jobName: string, reason: string | null): string {
  return [fact.engine, fact.prefix, fact.queue, jobName, kind, reason ?? ''].join('\u0000');
}
