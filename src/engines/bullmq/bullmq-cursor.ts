import type { BullmqLedger } from './bullmq-ledger.js';
import type { BullmqQueue } from './bullmq-queue.js';
import type { Findings } from './bullmq-repair.js';

/** How far one queue's stream has been told, and how its accounts stand. */
export interface Cursor {
  readonly queue: BullmqQueue;
  /** The queue did not exist when we began to look. */
  readonly bornWithUs: boolean;
  /** Id of the last entry told. */
  position: string;
  /** What an earlier run did not live to read is being read: jobs met now had not begun by then, whatever their hash says by now. */
  replaying: boolean;
  /** null until its first checkpoint. */
  ledger: BullmqLedger | null;
  /** Entries since the last checkpoint. */
  unaudited: number;
  /** Monotonic time of the last checkpoint. */
  auditedAt: number;
  /** What a shortfall's search has found; `searching` while it runs. */
  findings: Findings | 'searching' | null;
}

export function newCursor(queue: BullmqQueue, position: string, bornWithUs: boolean): Cursor {
  return {
    queue,
    bornWithUs,
    position,
    replaying: false,
    ledger: null,
    unaudited: 0,
    auditedAt: Number.NEGATIVE_INFINITY,
    findings: null,
  };
}
