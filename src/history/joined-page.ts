import type { HistoryPage } from '../core/history-store.js';
import type { TaskSummary } from '../core/task.js';
import type { TaskCursor, TaskQuery, TaskQueryResult } from '../core/task-query.js';
import { compareTasks, placeOfTask } from '../queue-inspector/live-search.js';

/**
 * One page of two that are in the same order. A task that memory holds is memory's, also where the older record in the history would match and
 * the newer does not. Nothing is told beyond the place up to which both are known.
 */
export function joinPages(
  live: TaskQueryResult,
  stored: HistoryPage,
  { order, limit }: TaskQuery,
  inMemory: (task: TaskSummary) => boolean,
): Pick<HistoryPage, 'items' | 'next' | 'complete'> {
  const compare = (a: TaskCursor, b: TaskCursor): number => compareTasks(a, b, order);
  const ends = [live.next, stored.next].filter((end) => end !== null).sort(compare);
  const [end = null] = ends;
  const all = [...live.items, ...stored.items.filter((task) => !inMemory(task))]
    .map((task) => ({ task, place: placeOfTask(task, order.field) }))
    .filter(({ place }) => end === null || compare(place, end) <= 0)
    .sort((a, b) => compare(a.place, b.place));
  const page = all.slice(0, limit);
  const cut = all.length > limit ? (page[page.length - 1]?.place ?? null) : end;
  return { items: page.map(({ task }) => task), next: cut, complete: stored.complete };
}
