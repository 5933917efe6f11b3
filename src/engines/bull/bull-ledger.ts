import type { HeldEnds, StoredEntry } from './bull-position.js';
import type { BullQueue } from './bull-queue.js';
import type { BullTally } from './bull-tally.js';

/** One queue's numbers in Redis, read in one transaction. */
export interface LedgerSample {
  /** `id`: raised by every add, duplicates included; null where the queue was wiped. */
  readonly added: number | null;
  /** Jobs that are not over: waiting, paused, active, delayed. */
  readonly unfinished: number;
  /** Finish times of the newest kept job of each kind; null where none is kept. */
  readonly newestCompleted: number | null;
  readonly newestFailed: number | null;
  /** Bull's own lifetime counts; null where no worker keeps them. */
  readonly metricsCompleted: number | null;
  readonly metricsFailed: number | null;
}

export interface LedgerStanding {
  readonly ends: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly duplicates: number;
  readonly reprocessed: number;
  readonly removed: number;
}

export interface Outage {
  readonly from: number;
  readonly to: number;
}

/**
 * Double entry for one queue: jobs that were added must be unfinished, or have ended as we know. What is missing from that equation has
 * ended, or been removed, unseen:
 *
 *   unseen = added − duplicates + put back by hand − unfinished − removed by us − ends known
 *
 * all counted since the baseline. An end counts as known the moment it is heard, whoever will tell it.
 */
export class LedgerEntry implements LedgerStanding {
  ends = 0;
  succeeded = 0;
  failed = 0;
  duplicates = 0;
  reprocessed = 0;
  removed = 0;
  outage: Outage | null = null;
  /** Something has happened since the books were last found in order. */
  dirty = true;
  /** Kept jobs finished later than this have not been looked at; epoch milliseconds by the workers' clocks. */
  completedMark: number | null = null;
  failedMark: number | null = null;
  /** Jobs kept with these finish times and earlier ones were there before the books were opened. */
  openedCompleted = 0;
  openedFailed = 0;
  #offset: number | null = null;
  #lastAdded: number | null = null;
  #last: { unseen: number; added: number | null; unfinished: number; ends: number } | null = null;
  #metricsCompleted = 0;
  #metricsFailed = 0;

  /** As an earlier run left it: what happened since is to be accounted for as after any other time in which nothing was heard. */
  static resumed(stored: StoredEntry, outage: Outage): LedgerEntry {
    const entry = new LedgerEntry();
    [entry.ends, entry.succeeded, entry.failed, entry.duplicates, entry.reprocessed, entry.removed] = stored.standing;
    [entry.completedMark, entry.failedMark] = stored.marks;
    [entry.openedCompleted, entry.openedFailed] = stored.opened;
    [entry.#offset, entry.#lastAdded] = stored.entered;
    [entry.#metricsCompleted, entry.#metricsFailed] = stored.metrics;
    entry.outage = outage;
    return entry;
  }

  /** To be stored. `held`: ends that are known and not told yet, which the next run will hear of anew or miss. */
  stored(held: HeldEnds): StoredEntry {
    const { ends, succeeded, failed, duplicates, reprocessed, removed } = this;
    return {
      standing: [ends - held.ends, succeeded - held.succeeded, failed - held.failed, duplicates, reprocessed, removed],
      marks: [this.completedMark, this.failedMark],
      opened: [this.openedCompleted, this.openedFailed],
      entered: [this.#offset, this.#lastAdded],
      metrics: [this.#metricsCompleted, this.#metricsFailed],
    };
  }

  get opened(): boolean {
    return this.#offset !== null;
  }

  /** Nothing of the queue was left when so many jobs had been added: everything later is accounted for. */
  openAt(added: number): void {
    this.#offset = added;
    this.#lastAdded = added;
    this.completedMark = 0;
    this.failedMark = 0;
  }

  /** The books as they stand, to be taken before a sample is asked for. */
  standing(): LedgerStanding {
    const { ends, succeeded, failed, duplicates, reprocessed, removed } = this;
    return { ends, succeeded, failed, duplicates, reprocessed, removed };
  }

  /**
   * From here on everything is accounted for. Ends that were on their way to us when the sample was taken make us owe a little too much,
   * never too little; the first quiet moment settles it.
   */
  open(sample: LedgerSample, before: LedgerStanding): void {
    this.#offset = 0;
    this.#offset = this.#balance(sample, before);
    this.#lastAdded = sample.added;
    this.#last = null;
    this.openedCompleted = sample.newestCompleted ?? 0;
    this.openedFailed = sample.newestFailed ?? 0;
    this.completedMark = this.openedCompleted;
    this.failedMark = this.openedFailed;
    this.#metricsCompleted = (sample.metricsCompleted ?? 0) - before.succeeded;
    this.#metricsFailed = (sample.metricsFailed ?? 0) - before.failed;
  }

  /** The counter went back: the queue was wiped, or Redis has lost what it held. */
  isReset(sample: LedgerSample): boolean {
    return this.#lastAdded !== null && (sample.added ?? 0) < this.#lastAdded;
  }

  /**
   * Ends not seen, as far as this sample proves it: messages that came after the sample was taken make it less, never more. Negative where
   * jobs were put back unseen.
   */
  unseen(sample: LedgerSample): number {
    this.#lastAdded = sample.added;
    return this.#balance(sample, this);
  }

  /**
   * What two polls in a row agree upon; null where they do not. Below nothing is believed only while nothing happens: otherwise it is
   * messages that came after the sample.
   */
  agreed(unseen: number, sample: LedgerSample): number | null {
    const last = this.#last;
    const now = { unseen, added: sample.added, unfinished: sample.unfinished, ends: this.ends };
    this.#last = now;
    if (last === null) return null;
    if (unseen > 0 && last.unseen > 0) return Math.max(unseen, last.unseen);
    if (unseen > 0 || last.unseen > 0) return null;
    const quiet = last.added === now.added && last.unfinished === now.unfinished && last.ends === now.ends;
    return quiet ? unseen : 0;
  }

  /** Takes so many unseen ends as told. */
  writeOff(count: number): void {
    this.#offset = (this.#offset ?? 0) + count;
    this.#last = null;
  }

  /** Everything kept up to here is known. */
  mark(sample: LedgerSample): void {
    this.completedMark = Math.max(this.completedMark ?? 0, sample.newestCompleted ?? 0);
    this.failedMark = Math.max(this.failedMark ?? 0, sample.newestFailed ?? 0);
  }

  /**
   * How the unseen ends are made up by Bull's own counts; null where these do not explain all of them, because not every worker keeps them.
   */
  split(unseen: number, sample: LedgerSample): { readonly succeeded: number; readonly failed: number } | null {
    if (sample.metricsCompleted === null && sample.metricsFailed === null) return null;
    const succeeded = (sample.metricsCompleted ?? 0) - this.#metricsCompleted - this.succeeded;
    const failed = (sample.metricsFailed ?? 0) - this.#metricsFailed - this.failed;
    return succeeded >= 0 && failed >= 0 && succeeded + failed === unseen ? { succeeded, failed } : null;
  }

  /** Ends told only as numbers are known to Bull's counts. */
  explained(succeeded: number, failed: number): void {
    this.#metricsCompleted += succeeded;
    this.#metricsFailed += failed;
  }

  #balance(sample: LedgerSample, books: LedgerStanding): number {
    const entered = (sample.added ?? 0) - books.duplicates + books.reprocessed;
    return entered - sample.unfinished - books.removed - books.ends - (this.#offset ?? 0);
  }
}

/** The books of all queues. */
export class BullLedger implements BullTally {
  readonly #entries = new Map<BullQueue, LedgerEntry>();
  /** Of an earlier run, by the queue's key, until the queue is met. */
  #earlier = new Map<string, StoredEntry>();
  #outage: Outage = { from: 0, to: 0 };

  entry(queue: BullQueue): LedgerEntry {
    const known = this.#entries.get(queue);
    if (known) return known;
    const stored = this.#earlier.get(queue.key);
    this.#earlier.delete(queue.key);
    const made = stored === undefined ? new LedgerEntry() : LedgerEntry.resumed(stored, this.#outage);
    this.#entries.set(queue, made);
    return made;
  }

  /** Before the first queue is met: goes on with the books of an earlier run, which was not heard of during the outage. */
  continue(books: readonly (readonly [string, StoredEntry])[], outage: Outage): void {
    this.#earlier = new Map(books);
    this.#outage = outage;
  }

  /** Queues of an earlier run that have not been met again. */
  get awaited(): number {
    return this.#earlier.size;
  }

  /** Books that are open, and those whose queue has not been met again yet, by the queue's key. */
  stored(held: (queue: BullQueue) => HeldEnds): [string, StoredEntry][] {
    const open = Array.from(this.#entries)
      .filter(([, entry]) => entry.opened)
      .map(([queue, entry]): [string, StoredEntry] => [queue.key, entry.stored(held(queue))]);
    return [...this.#earlier, ...open];
  }

  /** Queues that have not been met by now are gone. */
  giveUpAwaited(): void {
    this.#earlier.clear();
  }

  has(queue: BullQueue): boolean {
    return this.#entries.has(queue);
  }

  /** Moves the queue behind all others in `entries`. */
  toEnd(queue: BullQueue): void {
    const entry = this.#entries.get(queue);
    if (!entry) return;
    this.#entries.delete(queue);
    this.#entries.set(queue, entry);
  }

  entries(): IterableIterator<[BullQueue, LedgerEntry]> {
    return this.#entries.entries();
  }

  ended(queue: BullQueue, how: 'success' | 'failure' | 'stalled' | 'revoked'): void {
    const entry = this.entry(queue);
    entry.ends += 1;
    entry.dirty = true;
    if (how === 'success') entry.succeeded += 1;
    // Bull counts a job that was told to stop as failed, and one that stalled too often not at all.
    else if (how !== 'stalled') entry.failed += 1;
  }

  duplicated(queue: BullQueue): void {
    const entry = this.entry(queue);
    entry.duplicates += 1;
    entry.dirty = true;
  }

  reprocessed(queue: BullQueue): void {
    const entry = this.entry(queue);
    entry.reprocessed += 1;
    entry.dirty = true;
  }

  removed(queue: BullQueue): void {
    const entry = this.entry(queue);
    entry.removed += 1;
    entry.dirty = true;
  }

  /** Nothing was heard for a while: all books are to be checked. */
  outage(outage: Outage): void {
    for (const entry of this.#entries.values()) {
      entry.dirty = true;
      entry.outage = { from: entry.outage?.from ?? outage.from, to: outage.to };
    }
  }

  forget(queue: BullQueue): void {
    this.#entries.delete(queue);
  }
}
