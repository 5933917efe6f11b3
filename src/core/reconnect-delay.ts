const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

/** How long to wait before the next attempt: doubles up to a longest, with jitter, so that a thousand clients do not return in step. */
export class ReconnectDelay {
  #attempts = 0;

  /** Milliseconds, at most `longestMs`. */
  next(longestMs = LONGEST_RETRY_MS): number {
    const ceiling = Math.min(longestMs, FIRST_RETRY_MS * 2 ** Math.min(this.#attempts, 10));
    this.#attempts += 1;
    return ceiling * (0.5 + Math.random() / 2);
  }

  /** A connection stands: the next loss begins anew. */
  reset(): void {
    this.#attempts = 0;
  }
}
