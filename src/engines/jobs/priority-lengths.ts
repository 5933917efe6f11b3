import type { PriorityLength } from '../../core/queue.js';

/** How many wait at each priority, the most urgent first. `plain`: where those without a priority stand among them. */
export function priorityLengths(
  priorities: readonly number[],
  length: number,
  plain: 'first' | 'last',
): readonly PriorityLength[] {
  const lengths = new Map<number, number>();
  for (const priority of priorities) lengths.set(priority, (lengths.get(priority) ?? 0) + 1);
  const found: PriorityLength[] = [...lengths].map(([priority, count]) => ({ priority, length: count }));
  const rest = { priority: null, length: length - priorities.length };
  if (rest.length <= 0) return found;
  return plain === 'first' ? [rest, ...found] : [...found, rest];
}
