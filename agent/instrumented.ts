import type { AgentQueue, AgentReport, ControlAnswer, ControlRequest } from './protocol.js';

export type CancelAnswer = Pick<ControlAnswer, 'result' | 'message'>;

export const ENDED: CancelAnswer = { result: 'refused', message: 'The attempt has just ended by itself.' };
export const NO_SIGNAL: CancelAnswer = {
  result: 'refused',
  message: 'The processor took no AbortSignal, so it cannot be told to stop.',
};
export const ABORTED: CancelAnswer = { result: 'aborted', message: "The processor's AbortSignal was aborted." };

/** A Bull queue or a BullMQ worker whose jobs the agent follows. */
export interface Instrumented extends AgentQueue {
  /** True once this process works on the queue, and does not only add to it. */
  readonly worksOn: boolean;
  /** Attempts that run now. */
  readonly busy: number;
  readonly report: AgentReport['queues'][number];
  /** null where it does not run the job. */
  cancel(request: ControlRequest, signal: NodeJS.Signals): Promise<CancelAnswer | null>;
  /** Leaves it as it was found. Jobs that run now are no longer followed. */
  release(): void;
}
