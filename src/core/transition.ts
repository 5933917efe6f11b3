import type { LiveTask } from './live-task.js';
import type { AttemptOutcome } from './task.js';
import type { TaskEvent } from './task-event.js';

export const TRANSITION_KINDS = [
  'sent',
  'received',
  'requeued',
  'progressed',
  'started',
  'finished',
  'timed',
  'waited',
  'lost',
] as const;
export type TransitionKind = (typeof TRANSITION_KINDS)[number];

/**
 * Something that has become known about a task for the first time. Each is told exactly once, in whatever order, and however often, the
 * events came. One flat shape, for the same reason as TaskEvent.
 *
 * finished: an attempt ended, `outcome` says how. timed: `ms` is the run time of a finished attempt (told with `finished`, or later when
 * its start is heard of). waited: `ms` is the time from being enqueued, or from its ETA, to the first start.
 * lost: it runs no more, and nobody has told how it ended.
 */
export interface Transition {
  readonly kind: TransitionKind;
  /** The live record: read it now, it goes on changing. */
  readonly task: LiveTask;
  readonly event: TaskEvent;
  readonly outcome: AttemptOutcome | null;
  readonly ms: number | null;
}
