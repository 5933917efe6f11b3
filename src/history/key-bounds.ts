import type { TaskFilterNode } from '../core/task-filter-node.js';
import type { TaskFilter } from '../core/task-query.js';
import { micros } from './task-row.js';
import type { IndexedField } from './task-windows.js';

/** Between which keys of an order everything lies that a filter selects, in microseconds, both included; null where it says nothing. */
export interface KeyBounds {
  readonly low: number | null;
  readonly high: number | null;
}

/** From the conditions that must all hold. A task that has none of the key fulfils none of these conditions. */
export function keyBoundsOf({ since, until, expression }: TaskFilter, field: IndexedField): KeyBounds {
  const lows = field === 'sent' && since !== undefined ? [since] : [];
  const highs = field === 'sent' && until !== undefined ? [until] : [];
  for (const node of termsOf(expression)) {
    const at = node.kind === 'time' ? node.at : node.kind === 'number' && node.field === 'runtime' ? node.value : null;
    // A task that was sent is ordered by when: `moment` is another time only where that is not known.
    if (at === null || !('field' in node) || node.field !== field) continue;
    if (node.comparison !== '<' && node.comparison !== '<=') lows.push(at);
    if (node.comparison !== '>' && node.comparison !== '>=') highs.push(at);
  }
  return {
    low: lows.length === 0 ? null : micros(Math.max(...lows)),
    high: highs.length === 0 ? null : micros(Math.min(...highs)),
  };
}

function termsOf(expression: TaskFilterNode | undefined): readonly TaskFilterNode[] {
  if (expression === undefined) return [];
  return expression.kind === 'and' ? expression.nodes.flatMap(termsOf) : [expression];
}
