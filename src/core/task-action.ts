import type { TaskStage, TaskState } from './task.js';
import type { EditedArguments } from './task-sending.js';

/** What may be done to one task beyond revoking it. */
export type TaskAction =
  /**
   * Put a finished task back among the waiting; in Celery, send its like anew. `resetAttempts`: it gets all its attempts anew, instead of one
   * more. `edited`: with other arguments.
   */
  | { readonly kind: 'retry'; readonly resetAttempts: boolean; readonly edited?: EditedArguments }
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
export function capabilityOfTask(
  action: TaskAction,
): (typeof CAPABILITY_OF)[TaskActionKind] | 'retry-anew' | 'retry-edited' {
  if (action.kind === 'retry' && action.edited !== undefined) return 'retry-edited';
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
 * schedule. payload: what it was sent with is not known in full.
 * engine: the library itself refused.
 */
export const REFUSALS = ['state', 'locked', 'schedule', 'payload', 'engine'] as const;
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
  /** Where the engine runs it again as a task of its own, that one's id; `after` is where that one is. */
  readonly newId?: string;
}
