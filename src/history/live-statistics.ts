import type { FailureQuery } from '../core/failure.js';
import type { SuggestedField } from '../core/history-store.js';
import type { TaskSummary } from '../core/task.js';
import type { FailureFact } from './failure-groups.js';
import { signatureOf } from './failure-signature.js';

/** The failures that memory holds. O(tasks held). */
export function* liveFailures(tasks: Iterable<TaskSummary>, query: FailureQuery): Generator<FailureFact> {
  const { since, until, source, name, queue, parts } = query;
  for (const task of tasks) {
    const at = task.finishedAt;
    if (at === null || at < since || at >= until) continue;
    if (source !== null && task.source !== source) continue;
    if (name !== null && task.name !== name) continue;
    if (queue !== null && task.queue !== queue) continue;
    const signature = signatureOf(task);
    if (signature === null) continue;
    yield {
      signature,
      name: task.name,
      worker: task.worker,
      part: Math.min(parts - 1, Math.floor(((at - since) / (until - since)) * parts)),
      count: 1,
      first: at,
      last: at,
      sample: { source: task.source, id: task.id, message: task.error?.message ?? '' },
    };
  }
}

const TERM_OF: Readonly<Record<SuggestedField, (task: TaskSummary) => string | null>> = {
  name: (task) => task.name,
  worker: (task) => task.worker,
  queue: (task) => task.queue,
  source: (task) => task.source,
  error: (task) => task.error?.type ?? null,
};

/** Names that begin like this, then those that hold it, each in alphabetical order. O(tasks held). */
export function liveTerms(tasks: Iterable<TaskSummary>, field: SuggestedField, text: string): readonly string[] {
  const termOf = TERM_OF[field];
  const found = new Set<string>();
  for (const task of tasks) {
    const term = termOf(task);
    if (term !== null) found.add(term);
  }
  const wanted = text.toLowerCase();
  const sorted = [...found].sort();
  const beginning = sorted.filter((term) => term.startsWith(text));
  const holding = sorted.filter((term) => !term.startsWith(text) && term.toLowerCase().includes(wanted));
  return [...beginning, ...holding];
}
