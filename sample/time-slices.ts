import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Cuts a long computation into slices, so that the worker can answer Redis in between: a blocked event loop cannot renew its locks, and
 * Bull would take the task for stalled. Between two slices it rests, which leaves the
 * machine to others, and stops if it was told to.
 * @example if (slices.due()) await slices.rest();
 */
export class TimeSlices {
  readonly #signal: AbortSignal | null;
  readonly #workMs: number;
  readonly #restMs: number;
  #began = performance.now();

  constructor(signal: AbortSignal | null = null, workMs = 10, restMs = 20) {
    this.#signal = signal;
    this.#workMs = workMs;
    this.#restMs = restMs;
  }

  due(): boolean {
    return performance.now() - this.#began >= this.#workMs;
  }

  /** Rejects with the signal's reason once it is aborted. */
  async rest(): Promise<void> {
    await sleep(this.#restMs);
    this.#signal?.throwIfAborted();
    this.#began = performance.now();
  }
}
