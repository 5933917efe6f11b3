import type { TaskFilterNode } from './task-filter-node.js';
import type { TaskFilter } from './task-query.js';

/**
 * Whether a filter looks into what tasks carry, which only the history can: `only` by fields that are nothing else, `also` by words that are
 * looked for elsewhere, too.
 */
export function asksForCarried({ expression, payloads }: TaskFilter): 'only' | 'also' | 'no' {
  if (expression === undefined) return 'no';
  if (holds(expression, 'path')) return 'only';
  return payloads === true && holds(expression, 'word') ? 'also' : 'no';
}

function holds(node: TaskFilterNode, kind: TaskFilterNode['kind']): boolean {
  if (node.kind === kind) return true;
  if (node.kind === 'not') return holds(node.node, kind);
  return (node.kind === 'and' || node.kind === 'or') && node.nodes.some((each) => holds(each, kind));
}
