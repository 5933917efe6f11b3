import type { LiveState } from '../core/live-state.js';
import { currentScope } from '../core/scope.js';
import { detailOf } from './live-task-detail.js';
import { taskInScope } from './scoped-view.js';
import type { TaskLocation } from './task-location.js';
import { withDeadline } from './with-deadline.js';

/**
 * Those places of a task that the caller may know of: to whoever is limited to some queues, candidates of other queues do not exist. Their
 * queue is known only when they are read.
 */
export async function visibleLocations(
  found: readonly TaskLocation[],
  live: LiveState,
  deadlineMs: number,
): Promise<readonly TaskLocation[]> {
  const scope = currentScope();
  if (scope.queues === null || found.length < 2) return found;
  const seen = await Promise.all(
    found.map(async ({ monitor, id, connected }) => {
      const stored = connected ? await withDeadline(deadlineMs, (signal) => monitor.engine.findTask(id, signal)) : null;
      const detail = detailOf(monitor.source, stored, live.get(monitor.source.name, id) ?? null);
      return detail !== null && taskInScope(detail, scope);
    }),
  );
  return found.filter((_, at) => seen[at] === true);
}
