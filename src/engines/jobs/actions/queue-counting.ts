import { ActionRefused, CountExceeded } from '../../../core/errors.js';
import type { QueueAction, QueueActionRequest, QueuePlace } from '../../../core/queue-action.js';
import { MOST_AT_ONCE } from './removal-steps.js';

/** How many tasks an action could remove at most; null for actions that remove none. */
export function mostRemoved(action: QueueAction, place: QueuePlace): number | null {
  switch (action.kind) {
    case 'pause':
    case 'resume':
      return null;
    case 'clean':
      return Math.min(action.limit, place[action.tasks]);
    case 'drain':
      return place.waiting + (action.delayed ? place.delayed : 0);
    case 'obliterate':
      return place.waiting + place.delayed + place.succeeded + place.failed + (action.force ? place.active : 0);
    default: {
      const never: never = action;
      return never;
    }
  }
}

/** Errors: CountExceeded, where there are more than the caller expects. */
export function checkCount(request: QueueActionRequest, most: number | null, queue: string): void {
  if (request.atMost === null || most === null || most <= request.atMost) return;
  throw new CountExceeded(
    `expected to ${request.action.kind} at most ${request.atMost} tasks of queue "${queue}", found ${most}; nothing was removed`,
    { expected_count: request.atMost, found_count: most },
  );
}

/**
 * Errors: ActionRefused, where the library would have to look at too many tasks in one piece while everybody else waits, or where only some of
 * those it finds are to go.
 */
export function checkSize(count: number, limit: number, tasks: string): void {
  const most = Math.min(MOST_AT_ONCE, limit);
  if (count <= most) return;
  throw new ActionRefused(
    `expected at most ${most} ${tasks} tasks, because the library has to look at all of them in one step to remove some, found ${count}; ` +
      'a bulk operation removes them one by one',
    { reason: 'size', limit: most, found_count: count },
  );
}
