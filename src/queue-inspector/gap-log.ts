import type { GapEvent } from '../core/task-event.js';

/** A gap with the source it belongs to and a number that never repeats, so that people can talk about it. */
export interface GapRecord extends Omit<GapEvent, 'kind'> {
  readonly number: number;
  readonly source: string;
}

const MAX_RECORDS = 1000;

/** The latest gaps, newest first; the totals count all of them, also those no longer listed. */
export class GapLog {
  readonly #records: GapRecord[] = [];
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

  list(limit: number): readonly GapRecord[] {
    return this.#records.slice(0, limit);
  }
}
