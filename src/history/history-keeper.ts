import type { Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import type { HistoryRetention, HistorySize, HistoryStore } from '../core/history-store.js';
import type { TaskState } from '../core/task.js';

export interface KeeperOptions {
  readonly store: HistoryStore;
  readonly clock: Clock;
  readonly keepMs: number;
  readonly keepFailuresMs: number;
  /** By state, where that is kept longer or not as long. */
  readonly keepStatesMs: ReadonlyMap<TaskState, number>;
  readonly maxTasks: number;
  readonly maxBytes: number;
  readonly sized: (size: HistorySize) => void;
  readonly warn: (message: string) => void;
}

const EVERY_MS = 15_000;
/** So small that a batch of the recorder waits some ten milliseconds for it at most. */
const STEP = 500;
const BETWEEN_STEPS_MS = 50;

/** Keeps the history within its bounds: a few tasks at a time, so that nothing else notices. */
export class HistoryKeeper {
  readonly #o: KeeperOptions;
  #timer: NodeJS.Timeout | null = null;
  #working: Promise<void> = Promise.resolve();
  #stopping = false;

  constructor(options: KeeperOptions) {
    this.#o = options;
  }

  start(): void {
    this.#schedule(BETWEEN_STEPS_MS);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#working;
  }

  #schedule(ms: number): void {
    if (this.#stopping) return;
    this.#timer = setTimeout(() => {
      this.#working = this.#step().then((removed) => this.#schedule(removed > 0 ? BETWEEN_STEPS_MS : EVERY_MS));
    }, ms);
    this.#timer.unref();
  }

  async #step(): Promise<number> {
    const { store, sized, warn } = this.#o;
    try {
      const removed = await store.prune(this.#keep(), STEP);
      await store.rollUp();
      sized(await store.size());
      return removed;
    } catch (error) {
      // Whether anything can be stored is the recorder's to tell.
      warn(`history: nothing could be removed: ${messageOf(error)}`);
      return 0;
    }
  }

  #keep(): HistoryRetention {
    const { clock, keepMs, keepFailuresMs, keepStatesMs, maxTasks, maxBytes } = this.#o;
    const now = clock.now();
    const statesBefore = new Map(Array.from(keepStatesMs, ([state, ms]) => [state, now - ms]));
    return { before: now - keepMs, failuresBefore: now - keepFailuresMs, statesBefore, maxTasks, maxBytes };
  }
}
