import type { BullQueue } from './bull-queue.js';

/** Who runs what, as far as agents and connections have told. */
export interface WorkerNames {
  /** Name shown for the holder of a lock token. */
  nameOf(queue: BullQueue, token: string): string | null;
  /** The agent that holds a lock token; undefined where nobody knows yet whether one does. */
  agentOf(token: string): string | null | undefined;
}
