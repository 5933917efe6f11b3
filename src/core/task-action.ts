import type { TaskStage, TaskState } from './task.js';

/** What may be done to one task beyond revoking it. */
export type TaskAction =
  /** Put a finished task back among the waiting. `resetAttempts`: it gets all its attempts anew, instead of one more. */
  | { readonly kind: 'retry'; readonly resetAttempts: boolean }
  /** Let a task that waits for a time run now. */
  | { readonly kind: 'promote' }
  /** Take it out of the broker, whatever is kept of it included. Never while it runs. */
  | { readonly kind: 'remove' }
  /** Let a task that waits for a time wait so many milliseconds from now. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** As the engine numbers priorities. 0: none. */
  | { readonly kind: 'priority'; readonly priority: number };

export type TaskActionKind = TaskAction['kind'];

const CAPABILITY_OF = {
  retry: 'retry',
  promote: 'promote',
  remove: 'remove',
  delay: 'change-delay',
  priority: 'change-priority',
} as const;

/** The capability that an engine must have for it. */
export function capabilityOfTask(action: TaskAction): (typeof CAPABILITY_OF)[TaskActionKind] | 'retry-anew' {
  return action.kind === 'retry' && action.resetAttempts ? 'retry-anew' : CAPABILITY_OF[action.kind];
}

/** Where a task is, as the broker stores it. */
export interface TaskPlace {
  readonly state: TaskState;
  readonly stage: TaskStage;
  /** Epoch milliseconds; null where it waits for no time. */
  readonly eta: number | null;
  /** null: none. */
  readonly priority: number | null;
}

/**
 * Why nothing was done. state: it is not where this can be done. locked: a worker holds it. schedule: it stands for the next run of a
 * schedule. engine: the library itself refused.
 */
export const REFUSALS = ['state', 'locked', 'schedule', 'engine'] as const;
export type Refusal = (typeof REFUSALS)[number];

/** What was done to a task, and what was found afterwards. */
export interface TaskActionReport {
  readonly id: string;
  /** null: it was done. */
  readonly refusal: Refusal | null;
  /** One sentence. */
  readonly message: string;
  readonly before: TaskPlace;
  /** null: the broker no longer holds it. */
  readonly after: TaskPlace | null;
}
