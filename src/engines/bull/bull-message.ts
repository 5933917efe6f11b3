import type { ChannelKind } from './bull-channel.js';
import type { BriefJob } from './bull-job-hash.js';
import type { BullPayload } from './bull-payload.js';
import type { BullQueue } from './bull-queue.js';

export interface BullMessage extends BullPayload {
  /** `check`: nothing was published for this job, but a running job of its queue was delayed, and it may be this one. */
  readonly kind: ChannelKind | 'check';
  readonly queue: BullQueue;
  /** Lock token of the publisher; empty where the channel carries none. */
  readonly token: string;
  /** When it was received, epoch milliseconds. */
  readonly at: number;
}

/** What Redis held of a job shortly after its message. */
export interface JobLook {
  /** null where the job is gone, or was not looked for. */
  readonly brief: BriefJob | null;
  readonly stacks: readonly string[];
  /** Due time of a job found among the delayed. */
  readonly delayedUntil: number | null;
}

export const NO_LOOK: JobLook = { brief: null, stacks: [], delayedUntil: null };
