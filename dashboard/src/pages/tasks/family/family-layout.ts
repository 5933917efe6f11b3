import type { TaskSummary } from '../../../api/model.js';
import type { components } from '../../../api/schema.js';

export type Family = components['schemas']['TaskFamilyDto'];
export type Member = Family['items'][number];

/** One scale of time for all bars of a family. */
export interface Layout {
  readonly seconds: number;
  /** Where a time lies, as a share of the width. */
  readonly place: (at: number) => string;
  readonly now: number;
}

/** null where no time of any member is known. */
export function layoutOf(members: readonly Member[], now = Date.now()): Layout | null {
  const times = members.flatMap(({ task }) => (task === null ? [] : timesOf(task, now)));
  if (times.length === 0) return null;
  const from = Math.min(...times);
  const width = Math.max(...times) - from;
  return {
    seconds: width / 1_000,
    place: (at) => `${(width === 0 ? 0 : ((at - from) / width) * 100).toFixed(2)}%`,
    now,
  };
}

/** From when it ran to when: what still runs reaches until now; null where it has not begun, or that is not known. */
export function ranOf(task: TaskSummary, now: number): { readonly from: number; readonly to: number } | null {
  const { state, started_at: started, finished_at: finished } = task;
  if (started === null) return null;
  if (finished !== null) return { from: Date.parse(started), to: Date.parse(finished) };
  return state === 'STARTED' ? { from: Date.parse(started), to: now } : null;
}

function timesOf(task: TaskSummary, now: number): readonly number[] {
  const ran = ranOf(task, now);
  return [...(task.sent_at === null ? [] : [Date.parse(task.sent_at)]), ...(ran === null ? [] : [ran.from, ran.to])];
}
