import type { Clock } from '../core/clock.js';
import type { Scope } from '../core/scope.js';
import type { BulkAction, BulkResult } from './bulk-action.js';

export const BULK_STATES = ['dry-run', 'running', 'cancelling', 'cancelled', 'finished'] as const;
export type BulkState = (typeof BULK_STATES)[number];

export const BULK_OUTCOMES = ['waiting', 'done', 'refused', 'failed', 'cancelled'] as const;
export type BulkOutcome = (typeof BULK_OUTCOMES)[number];

/** One task of an operation. */
export interface BulkItem {
  /** As it was asked for. */
  readonly id: string;
  /** null where it is found out when its turn comes. */
  readonly source: string | null;
  outcome: BulkOutcome;
  reason: string | null;
  message: string | null;
}

export interface BulkOrder {
  readonly id: string;
  readonly action: BulkAction;
  /** The filter it was asked for with; null where it was ids. */
  readonly q: string | null;
  readonly items: readonly BulkItem[];
  /** False where the search ended before it had seen every task. */
  readonly searchComplete: boolean;
  /** Tasks of sources that cannot do this at all; null where it is not known which sources the tasks are of. */
  readonly unsupported: number | null;
  readonly dryRun: boolean;
  /** Tasks begun per second, at most. */
  readonly rate: number;
  /** What who asked for it may see and change. */
  readonly scope: Scope;
}

/** Begun at the same time, at most: Celery's workers take their time to answer. */
const MOST_AT_ONCE = 8;

/**
 * One action on many tasks, one after the other at a bounded rate. Begins as `running`, or as `dry-run`, which does nothing and stays. Ends as
 * `finished`, or through `cancelling` as `cancelled`: what has been begun is then still awaited, what has not is left alone.
 */
export class BulkOperation {
  readonly order: BulkOrder;
  readonly createdAt: number;
  readonly #clock: Clock;
  #state: BulkState;
  #finishedAt: number | null = null;
  /** Items before this one have been begun. */
  #next = 0;
  #wake: (() => void) | null = null;

  constructor(order: BulkOrder, clock: Clock) {
    this.order = order;
    this.#clock = clock;
    this.createdAt = clock.now();
    this.#state = order.dryRun ? 'dry-run' : 'running';
    if (order.dryRun) this.#finishedAt = this.createdAt;
  }

  get state(): BulkState {
    return this.#state;
  }

  /** Epoch milliseconds; null while it goes on. */
  get finishedAt(): number | null {
    return this.#finishedAt;
  }

  counts(): Readonly<Record<BulkOutcome, number>> {
    const counts = { waiting: 0, done: 0, refused: 0, failed: 0, cancelled: 0 };
    for (const { outcome } of this.order.items) counts[outcome] += 1;
    return counts;
  }

  /** Resolves when it is over. `act` must not throw. */
  async run(act: (item: BulkItem) => Promise<BulkResult>): Promise<void> {
    const begun = new Set<Promise<void>>();
    for (let item = this.order.items[0]; item !== undefined; item = this.order.items[this.#next]) {
      this.#next += 1;
      const one = perform(item, act).finally(() => begun.delete(one));
      begun.add(one);
      if (begun.size >= MOST_AT_ONCE) await Promise.race(begun);
      await this.#pause();
    }
    await Promise.all(begun);
    this.#state = this.#state === 'cancelling' ? 'cancelled' : 'finished';
    this.#finishedAt = this.#clock.now();
  }

  /** What has not been begun is left alone. Does nothing once it is over. */
  cancel(): void {
    if (this.#state !== 'running') return;
    this.#state = 'cancelling';
    for (const item of this.order.items.slice(this.#next)) item.outcome = 'cancelled';
    this.#next = this.order.items.length;
    this.#wake?.();
  }

  /** Until the next may begin, or it is cancelled. */
  #pause(): Promise<void> {
    if (this.#next >= this.order.items.length) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake?.(), 1000 / this.order.rate);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = null;
        resolve();
      };
    });
  }
}

async function perform(item: BulkItem, act: (item: BulkItem) => Promise<BulkResult>): Promise<void> {
  const { outcome, reason, message } = await act(item);
  item.outcome = outcome;
  item.reason = reason;
  item.message = message;
}
