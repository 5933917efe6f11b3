import type { Checkpoint, StoredLedger } from './bullmq-position.js';
import type { StreamEntry } from './bullmq-stream-entry.js';

/** Before anything was ever written. */
export const NOTHING_YET: Checkpoint = {
  id: '0-0',
  entries: 0,
  firstId: null,
  length: 0,
  added: 0,
  unfinished: 0,
  active: 0,
  succeeded: 0,
  failed: 0,
};

/** What is missing between two checkpoints. */
export interface Shortfall {
  readonly from: Checkpoint;
  readonly until: Checkpoint;
  /** Entries that were cut off the stream before we read them. */
  readonly entries: number;
  /** Ends among them that nobody has told, exact; null where no worker counts. */
  readonly ends: { readonly succeeded: number; readonly failed: number } | null;
  /** Ends among them that nobody has told, at most: what was added, less what is still there, less what was seen to end. */
  readonly endsAtMost: number;
  /** Attempts among them that failed and were repeated, at most: what is left of the entries once the rest is explained. */
  readonly retriesAtMost: number;
}

/**
 * complete: every entry up to the checkpoint was read. began: there was nothing to compare with. restarted: the stream was deleted and begun
 * anew, so that what was lost with it is not known.
 */
export type Verdict =
  | { readonly kind: 'complete' | 'began' }
  | { readonly kind: 'restarted'; readonly from: Checkpoint; readonly until: Checkpoint }
  | { readonly kind: 'short'; readonly shortfall: Shortfall };

type Seen = StoredLedger['seen'];

const none = (): Seen => ({
  entries: 0,
  added: 0,
  duplicated: 0,
  active: 0,
  succeeded: 0,
  failed: 0,
  removed: 0,
  repeated: 0,
});

const UNFINISHED_PLACES: ReadonlySet<string | null> = new Set([
  'wait',
  'paused',
  'delayed',
  'prioritized',
  'waiting-children',
  'active',
]);

/**
 * What one queue's stream has told against what the queue itself counts. BullMQ keeps some ten thousand entries, four for each job: a reader
 * that is held up longer loses some, and Redis does not say so. It does count what was ever written, so at every checkpoint the difference is
 * exactly what was lost; the queue's other counters then tell what that was.
 */
export class BullmqLedger {
  #from: Checkpoint | null;
  #until: Checkpoint | null = null;
  #seen = none();
  /** What agents have told of entries that were cut off. */
  #agents = { succeeded: 0, failed: 0, retried: 0 };
  /** Whether the workers' totals agreed with the ends seen whenever nothing was lost; null before that could be told. */
  #countedByAll: boolean | null = null;

  constructor(from: Checkpoint | null) {
    this.#from = from;
  }

  /** As an earlier run left it. */
  static resumed({ from, seen, agents, countedByAll }: StoredLedger): BullmqLedger {
    const ledger = new BullmqLedger(from);
    ledger.#seen = { ...seen };
    ledger.#agents = { ...agents };
    ledger.#countedByAll = countedByAll;
    return ledger;
  }

  stored(): StoredLedger {
    return { from: this.#from, seen: { ...this.#seen }, agents: { ...this.#agents }, countedByAll: this.#countedByAll };
  }

  /** The checkpoint up to which everything has to be counted before `judge` may be asked. */
  get expected(): Checkpoint | null {
    return this.#until;
  }

  expect(checkpoint: Checkpoint): void {
    this.#until = checkpoint;
  }

  count({ kind, prev }: StreamEntry): void {
    const seen = this.#seen;
    seen.entries += 1;
    switch (kind) {
      case 'added':
        seen.added += 1;
        break;
      case 'duplicated':
      case 'deduplicated':
        seen.duplicated += 1;
        break;
      case 'active':
        seen.active += 1;
        break;
      case 'completed':
        seen.succeeded += 1;
        break;
      case 'failed':
        seen.failed += 1;
        break;
      case 'removed':
        if (UNFINISHED_PLACES.has(prev)) seen.removed += 1;
        break;
      case 'waiting':
        // Version 4 says `failed` of a retry too, where nothing had ended; the error makes the bound larger, never smaller.
        if (prev === 'failed' || prev === 'completed') seen.repeated += 1;
        break;
      default:
    }
  }

  /** An agent has told what no entry did: it is missing no more. */
  told(what: 'succeeded' | 'failed' | 'retried'): void {
    this.#agents[what] += 1;
  }

  /** Compares. `commit` makes the checkpoint the one to compare with from now on; a shortfall may be judged again later, with more behind it. */
  judge(commit: boolean): Verdict {
    const [from, until] = [this.#from, this.#until];
    if (until === null) throw new Error('a ledger was judged before its checkpoint');
    this.#until = null;
    const verdict: Verdict = from === null ? { kind: 'began' } : this.#compare(from, until);
    if (commit || verdict.kind !== 'short') {
      this.#from = until;
      this.#seen = none();
      this.#agents = { succeeded: 0, failed: 0, retried: 0 };
    }
    return verdict;
  }

  #compare(from: Checkpoint, until: Checkpoint): Verdict {
    const seen = this.#seen;
    if (until.added < from.added) return { kind: 'restarted', from, until };
    const seenEnds = seen.succeeded + seen.failed;
    const added = Math.max(0, until.added - from.added - seen.duplicated);
    const balance = added - (until.unfinished - from.unfinished) - seen.removed + seen.repeated - seenEnds;
    const written = from.entries === null || until.entries === null ? null : until.entries - from.entries;
    if (written !== null && written < seen.entries) return { kind: 'restarted', from, until };
    // Before Redis 7 only the ends that are missing tell that entries are; jobs removed in bulk look like those, so that it is a bound.
    const entries = written === null ? Math.max(0, balance) : written - seen.entries;
    const counted = countedBetween(from, until);
    if (entries === 0) {
      if (seenEnds > 0) {
        this.#countedByAll = counted !== null && counted.succeeded === seen.succeeded && counted.failed === seen.failed;
      }
      return { kind: 'complete' };
    }

    const endsAtMost = clamp(balance, 0, entries);
    const missing = counted && {
      succeeded: counted.succeeded - seen.succeeded,
      failed: counted.failed - seen.failed,
    };
    // Totals kept by some of the workers only would look like the totals of all.
    const agrees = this.#countedByAll ?? (missing !== null && missing.succeeded + missing.failed === balance);
    const ends = missing && agrees && missing.succeeded >= 0 && missing.failed >= 0 ? missing : null;

    const lostEnds = ends ? ends.succeeded + ends.failed : endsAtMost;
    const lostAdded = Math.max(0, added - seen.added);
    const lostStarts = Math.max(0, seenEnds + lostEnds + until.active - from.active - seen.active);
    // Adding a job is two entries, its end and its start one each; a retry is two more.
    const unexplained = entries - lostEnds - 2 * lostAdded - lostStarts;
    const told = this.#agents;
    return {
      kind: 'short',
      shortfall: {
        from,
        until,
        entries,
        ends: ends && {
          succeeded: Math.max(0, ends.succeeded - told.succeeded),
          failed: Math.max(0, ends.failed - told.failed),
        },
        endsAtMost: Math.max(0, endsAtMost - told.succeeded - told.failed),
        retriesAtMost: Math.max(0, Math.floor(unexplained / 2) - told.retried),
      },
    };
  }
}

function countedBetween(from: Checkpoint, until: Checkpoint): { succeeded: number; failed: number } | null {
  // A total appears with the first end of its kind; until then it is none where the other one is kept.
  if (until.succeeded === null && until.failed === null) return null;
  return {
    succeeded: (until.succeeded ?? 0) - (from.succeeded ?? 0),
    failed: (until.failed ?? 0) - (from.failed ?? 0),
  };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
