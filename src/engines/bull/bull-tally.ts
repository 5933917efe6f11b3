import type { BullQueue } from './bull-queue.js';

/** Numbers that accounting needs and that no event carries. */
export interface BullTally {
  /** One more end of a job is known, from whatever source. Bull's own metrics leave out those that stalled too often. */
  ended(queue: BullQueue, how: 'success' | 'failure' | 'stalled' | 'revoked'): void;
  /** The id counter went up without a new job. */
  duplicated(queue: BullQueue): void;
  /** A finished job was put back among the waiting by hand. */
  reprocessed(queue: BullQueue): void;
}
