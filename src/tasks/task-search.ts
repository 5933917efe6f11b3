import { InvalidRequest } from '../core/errors.js';
import { foundText } from '../core/found-text.js';
import { parseTaskFilter } from '../core/task-filter-parser.js';
import { parseMoment } from '../core/task-filter-time.js';
import { TASK_SORT_FIELDS, type TaskFilter, type TaskOrder, type TaskQuery } from '../core/task-query.js';
import { decodeCursor } from '../http/cursor.js';
import type { TaskSearchQueryDto } from './task-search.dto.js';

/** Parameters as a query. Errors: InvalidRequest, for what only a closer reading can find wrong. */
export function taskQueryOf(asked: TaskSearchQueryDto, now: number): TaskQuery {
  return {
    filter: filterOf(asked, now),
    order: orderOf(asked.sort),
    limit: asked.limit,
    after: asked.cursor === undefined ? null : decodeCursor(asked.cursor, asked.sort),
  };
}

function filterOf(asked: TaskSearchQueryDto, now: number): TaskFilter {
  const { q, name, state, worker, queue, source, since, until } = asked;
  return {
    ...(name !== undefined && { name }),
    ...(state !== undefined && { states: state }),
    ...(worker !== undefined && { worker }),
    ...(queue !== undefined && { queue }),
    ...(source !== undefined && { source }),
    ...(since !== undefined && { since: momentOf('since', since, now) }),
    ...(until !== undefined && { until: momentOf('until', until, now) }),
    ...(q !== undefined && q.trim() !== '' && { expression: parseTaskFilter(q, now) }),
  };
}

function momentOf(field: string, text: string, now: number): number {
  const at = parseMoment(text, now);
  if (at !== null) return at;
  const expected = 'an ISO 8601 time, epoch seconds, or how long ago, such as 15m';
  const found = foundText(text);
  throw new InvalidRequest(`${field}: expected ${expected}, found ${found}`, { errors: [{ field, expected, found }] });
}

function orderOf(sort: string): TaskOrder {
  const name = sort.replace('-', '');
  const field = TASK_SORT_FIELDS.find((known) => known === name) ?? 'sent';
  return { field, descending: sort.startsWith('-') };
}
