const WINDOW_MS = 60_000;
/** Finished entries at the front are cut off only when they are this many, so that cutting costs O(1) per event. */
const CUT_AFTER = 1024;

/**
 * Failures of the last 60 seconds, exact to the millisecond. Failures of one millisecond share an entry, so memory is bounded by the
 * failures of one minute and by 60 000 entries. By our own clock and not the worker's: clocks of workers differ, and a window over
 * them would drop or keep what it should not.
 */
export class FailureWindow {
  #times: number[] = [];
  #counts: number[] = [];
  #first = 0;
  #total = 0;

  /** `now` never goes back. Amortised O(1). */
  add(now: number, count: number): void {
    const at = Math.floor(now);
    const last = this.#times.length - 1;
    if (last >= this.#first && this.#times[last] === at) this.#counts[last] = (this.#counts[last] ?? 0) + count;
    else {
      this.#times.push(at);
      this.#counts.push(count);
    }
    this.#total += count;
    this.#expire(at);
  }

  count(now: number): number {
    this.#expire(Math.floor(now));
    return this.#total;
  }

  #expire(now: number): void {
    while (this.#first < this.#times.length && (this.#times[this.#first] ?? now) <= now - WINDOW_MS) {
      this.#total -= this.#counts[this.#first] ?? 0;
      this.#first += 1;
    }
    if (this.#first === this.#times.length && this.#first > 0) {
      this.#times = [];
      this.#counts = [];
      this.#first = 0;
    } else if (this.#first >= CUT_AFTER && this.#first * 2 > this.#times.length) {
      this.#times = this.#times.slice(this.#first);
      this.#counts = this.#counts.slice(this.#first);
      this.#first = 0;
    }
  }
}
