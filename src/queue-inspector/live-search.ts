import { type LiveTask, summarise } from '../core/live-task.js';
import type { TaskSummary } from '../core/task.js';
import { taskPredicate } from '../core/task-filter-predicate.js';
import type {
  TaskCursor,
  TaskFilter,
  TaskOrder,
  TaskQuery,
  TaskQueryResult,
  TaskSortField,
} from '../core/task-query.js';

type SortKey = number | string | null;

const KEY_OF: Readonly<Record<TaskSortField, (task: TaskSummary) => SortKey>> = {
  sent: (task) => moment(task),
  started: (task) => task.startedAt,
  finished: (task) => task.finishedAt,
  runtime: (task) => task.runtimeMs,
  name: (task) => task.name,
};

/** Where a task stands in an order. */
export function placeOfTask(task: TaskSummary, field: TaskSortField): TaskCursor {
  return { key: KEY_OF[field](task), source: task.source, id: task.id };
}

/** One pass over the tasks, keeping only the best `limit`: O(tasks · log limit), whatever page is asked for. */
export function searchLive(tasks: Iterable<LiveTask>, query: TaskQuery): TaskQueryResult {
  const keyOf = KEY_OF[query.order.field];
  const before = (a: TaskCursor, b: TaskCursor): boolean => compareTasks(a, b, query.order) < 0;
  const best: { readonly place: TaskCursor; readonly task: LiveTask }[] = [];
  const { expression } = query.filter;
  const holds = expression === undefined ? () => true : taskPredicate(expression);
  let total = 0;
  let more = false;

  for (const task of tasks) {
    if (!matches(task, query.filter) || !holds(task)) continue;
    total += 1;
    const place: TaskCursor = { key: keyOf(task), source: task.source, id: task.id };
    if (query.after !== null && !before(query.after, place)) continue;
    const last = best[best.length - 1];
    if (best.length === query.limit && last !== undefined) {
      more = true;
      if (!before(place, last.place)) continue;
      best.pop();
    }
    best.splice(insertionPoint(best, place, before), 0, { place, task });
  }

  return {
    items: best.map(({ task }) => summarise(task)),
    total,
    next: more ? (best[best.length - 1]?.place ?? null) : null,
  };
}

/** Enqueueing, else start, else end: the moment by which `since` and `until` select and lists are ordered. */
function moment(task: TaskSummary): number | null {
  return task.sentAt ?? task.startedAt ?? task.finishedAt;
}

function matches(task: LiveTask, filter: TaskFilter): boolean {
  if (filter.states !== undefined && !filter.states.includes(task.state)) return false;
  if (filter.worker !== undefined && task.worker !== filter.worker) return false;
  if (filter.queue !== undefined && task.queue !== filter.queue) return false;
  if (filter.name !== undefined && !nameMatches(task.name, filter.name)) return false;
  const at = filter.since === undefined && filter.until === undefined ? null : moment(task);
  if (filter.since !== undefined && (at === null || at < filter.since)) return false;
  if (filter.until !== undefined && (at === null || at >= filter.until)) return false;
  return true;
}

function nameMatches(name: string | null, wanted: string): boolean {
  if (name === null) return false;
  return wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted;
}

/** Tasks without a key come last in either direction; equal keys go by source and id, so that every task has one place. */
export function compareTasks(a: TaskCursor, b: TaskCursor, order: TaskOrder): number {
  if (a.key !== b.key) {
    if (a.key === null) return 1;
    if (b.key === null) return -1;
    const ascending = a.key < b.key ? -1 : 1;
    return order.descending ? -ascending : ascending;
  }
  if (a.source !== b.source) return a.source < b.source ? -1 : 1;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}

function insertionPoint(
  best: readonly { readonly place: TaskCursor }[],
  place: TaskCursor,
  before: (a: TaskCursor, b: TaskCursor) => boolean,
): number {
  let low = 0;
  let high = best.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = best[middle];
    if (at !== undefined && before(at.place, place)) low = middle + 1;
    else high = middle;
  }
  return low;
}
