import type { TaskState, TaskSummary } from './task.js';
import type { TaskFilterNode } from './task-filter-node.js';

export const TASK_SORT_FIELDS = ['sent', 'started', 'finished', 'runtime', 'name'] as const;
export type TaskSortField = (typeof TASK_SORT_FIELDS)[number];

/** Conditions that must all hold; an absent one always does. Times are epoch milliseconds. */
export interface TaskFilter {
  /** Matches the whole name, or its beginning where it ends in `*`. */
  readonly name?: string;
  readonly states?: readonly TaskState[];
  readonly worker?: string;
  readonly queue?: string;
  readonly source?: string;
  /** Time of enqueueing, else of start, else of the end. */
  readonly since?: number;
  readonly until?: number;
  /** Parsed filter language. */
  readonly expression?: TaskFilterNode;
}

export interface TaskOrder {
  readonly field: TaskSortField;
  readonly descending: boolean;
}

/** Where a page ended: the sort key and, for equal keys, source and id. Means the same to memory and to history. */
export interface TaskCursor {
  readonly key: number | string | null;
  readonly source: string;
  readonly id: string;
}

export interface TaskQuery {
  readonly filter: TaskFilter;
  readonly order: TaskOrder;
  readonly limit: number;
  readonly after: TaskCursor | null;
}

export interface TaskQueryResult {
  readonly items: readonly TaskSummary[];
  /** Exact: every task that memory holds and that matches. */
  readonly total: number;
  /** null on the last page. */
  readonly next: TaskCursor | null;
}
