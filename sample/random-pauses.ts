import type { SeededRandom } from './data/random.js';

/** Does something again and again, on average `rate` times a second, after exponential pauses: as if each time were independent of the last. */
export class RandomPauses {
  readonly #rate: number;
  readonly #random: SeededRandom;
  readonly #act: () => Promise<void>;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(rate: number, random: SeededRandom, act: () => Promise<void>) {
    this.#rate = rate;
    this.#random = random;
    this.#act = act;
  }

  start(): void {
    if (this.#stopped) return;
    const pauseMs = (-Math.log(1 - this.#random.next()) * 1000) / this.#rate;
    this.#timer = setTimeout(() => {
      this.#act()
        .catch((problem: Error) => {
          // Redis is away; the next one will tell.
          if (!this.#stopped) console.error(`sample: no task added: ${problem.message}`);
        })
        .finally(() => this.start());
    }, pauseMs);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }
}
