import type { GapRecord } from '../core/history-store.js';
import type { GapEvent } from '../core/task-event.js';

const MAX_RECORDS = 1000;

/** The latest gaps, newest first; the totals count all of them, also those no longer listed. */
export class GapLog {
  #records: GapRecord[] = [];
  #count = 0;
  #missedAtMost = 0;
  #unbounded = 0;

  /** Finished attempts that are missing from the counters, at most; of gaps whose size nobody can tell only the number is known. */
  get totals(): { readonly count: number; readonly missedAtMost: number; readonly unbounded: number } {
    return { count: this.#count, missedAtMost: this.#missedAtMost, unbounded: this.#unbounded };
  }

  add(source: string, gap: GapEvent): GapRecord {
    this.#count += 1;
    if (gap.missed === null) this.#unbounded += 1;
    else this.#missedAtMost += gap.missed;
    const { kind: _, ...rest } = gap;
    const record = { ...rest, number: this.#count, source };
    this.#records.unshift(record);
    if (this.#records.length > MAX_RECORDS) this.#records.pop();
    return record;
  }

  /** Goes on after the gaps of an earlier run. */
  continue(earlier: readonly GapRecord[], last: number): void {
    const later = this.#records.map((record) => ({ ...record, number: record.number + last }));
    this.#records = [...later, ...earlier].slice(0, MAX_RECORDS);
    this.#count += last;
    for (const { missed } of earlier) {
      if (missed === null) this.#unbounded += 1;
      else this.#missedAtMost += missed;
    }
  }

  list(limit: number): readonly GapRecord[] {
    return this.#records.slice(0, limit);
  }
}
