import type { TaskSummary } from '../../../api/model.js';
import type { BulkAct } from './bulk-acts.js';

/** Which tasks: those that were ticked, or all that the list's filter selects, also those not loaded. */
export type BulkTarget =
  | { readonly kind: 'ticked'; readonly tasks: readonly TaskSummary[] }
  | {
      readonly kind: 'matching';
      readonly filter: string;
      /** Sent since then, ISO; null: at any time. */
      readonly since: string | null;
      /** When it was asked for, ISO: what came later is left alone, so that the count holds while more arrives. */
      readonly until: string;
      readonly source: string | null;
      /** Those that it may concern. */
      readonly sources: readonly string[];
      readonly total: number;
    };

type Asked = { readonly ids: string[]; readonly source?: string } | { readonly q: string; readonly source?: string };

/** Of the ticked, those that it can be done to. */
export function tickedFor(act: BulkAct, tasks: readonly TaskSummary[]): readonly TaskSummary[] {
  return tasks.filter(({ state }) => act.states.includes(state));
}

/** The part of the request that says which tasks, narrowed to the states it can be done in. */
export function askedFor(act: BulkAct, target: BulkTarget): Asked {
  if (target.kind === 'matching') {
    const { filter, since, until, source } = target;
    const terms = [
      ...(filter.trim() === '' ? [] : [`(${filter})`]),
      ...(since === null ? [] : [`sent:>=${since}`]),
      // Not `sent:<=`: of some it is not known when they were sent.
      `not sent:>${until}`,
      `not finished:>${until}`,
      `(${act.states.map((state) => `state:${state}`).join(' or ')})`,
    ];
    return { q: terms.join(' and '), ...(source === null ? {} : { source }) };
  }
  const tasks = tickedFor(act, target.tasks);
  const sources = new Set(tasks.map(({ source }) => source));
  const [source] = sources;
  // Of several sources each id is looked for in all of them; one that means several tasks is refused, and says so.
  return { ids: tasks.map(({ task_id: id }) => id), ...(sources.size === 1 && source !== undefined ? { source } : {}) };
}
