import type { Capability, TaskState } from '../../../api/model.js';
import type { components } from '../../../api/schema.js';

type BulkAction = components['schemas']['BulkAction'];

/** What can be done to many tasks at once. */
export interface BulkAct {
  readonly action: BulkAction;
  readonly verb: string;
  /** What will happen to each. */
  readonly meaning: string;
  readonly capability: Capability;
  /** Of tasks in other states it is not asked for. */
  readonly states: readonly TaskState[];
}

export const BULK_ACTS: readonly BulkAct[] = [
  {
    action: 'revoke',
    verb: 'Revoke',
    meaning: 'What waits will not run.',
    capability: 'revoke-waiting',
    states: ['PENDING', 'RECEIVED', 'STARTED', 'RETRY'],
  },
  {
    action: 'retry',
    verb: 'Run again',
    meaning: 'Each goes back into its queue, with the same arguments, and gets one more attempt.',
    capability: 'retry',
    states: ['FAILURE', 'SUCCESS'],
  },
  {
    action: 'promote',
    verb: 'Run now',
    meaning: 'What waits for a time waits for it no longer. What waits for a worker is refused, and goes on waiting.',
    capability: 'promote',
    states: ['PENDING', 'RETRY'],
  },
  {
    action: 'remove',
    verb: 'Remove',
    meaning: 'Each is taken out of the broker with its arguments, its result and its log. That cannot be undone.',
    capability: 'remove',
    states: ['PENDING', 'RETRY', 'SUCCESS', 'FAILURE', 'REVOKED', 'REJECTED'],
  },
];
