/** So many within so long, evenly refilled: a burst of `limit` is allowed, then one every `perMs / limit`. */
export interface Rate {
  readonly limit: number;
  readonly perMs: number;
}

/** Bounds memory: about 100 bytes each. Beyond it the ones unused for longest are forgotten. */
const MAX_KEYS = 20_000;

/** Generic cell rate algorithm: one number per key, whatever the limit is. */
export class GcraLimiter {
  readonly #rate: Rate;
  readonly #now: () => number;
  /** Per key the time at which all it has taken is refilled; the most lately used last. */
  readonly #full = new Map<string, number>();

  /** `now` in milliseconds, never going back. */
  constructor(rate: Rate, now: () => number = () => performance.now()) {
    this.#rate = rate;
    this.#now = now;
  }

  get size(): number {
    return this.#full.size;
  }

  /** Takes one for this key. Returns 0, or how many milliseconds to wait where there is none left; nothing is taken then. */
  take(key: string): number {
    const { limit, perMs } = this.#rate;
    const now = this.#now();
    const full = Math.max(this.#full.get(key) ?? now, now) + perMs / limit;
    const wait = full - now - perMs;
    this.#full.delete(key);
    this.#full.set(key, wait > 0 ? full - perMs / limit : full);
    if (this.#full.size > MAX_KEYS) this.#forget();
    // Sums of fractions: a hundredth of a millisecond is no reason to refuse.
    return wait > 0.01 ? wait : 0;
  }

  #forget(): void {
    for (const [key] of this.#full) {
      this.#full.delete(key);
      if (this.#full.size <= MAX_KEYS * 0.9) return;
    }
  }
}
