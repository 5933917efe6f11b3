import type { TaskState, TaskSummary } from '../../api/model.js';

/** The last attempt of a task: from when to when it ran, and where. */
export interface Bar {
  readonly id: string;
  readonly source: string;
  readonly name: string | null;
  readonly state: TaskState;
  readonly lane: string;
  /** Epoch milliseconds. */
  readonly from: number;
  /** null while it runs. */
  readonly to: number | null;
}

/** null for a task that has not started, or of which nobody tells when. */
export function barOf(task: TaskSummary): Bar | null {
  const { started_at, finished_at, runtime_seconds, state } = task;
  if (started_at === null) return null;
  const from = Date.parse(started_at);
  const ended =
    finished_at !== null ? Date.parse(finished_at) : runtime_seconds === null ? null : from + runtime_seconds * 1_000;
  const to = state === 'STARTED' ? null : ended;
  // A task that runs no more, and of which nobody knows how long it ran, is a point.
  const known = to === null && state !== 'STARTED' ? from : to;
  return {
    id: task.task_id,
    source: task.source,
    name: task.task_name,
    state,
    lane: task.worker ?? `${task.queue ?? task.source}, worker unknown`,
    from,
    // Clocks of two machines may disagree.
    to: known === null ? null : Math.max(from, known),
  };
}

/** What is shown of time, epoch milliseconds. */
export interface View {
  readonly from: number;
  readonly to: number;
}

/** The closest look: a tenth of a second over the whole width. */
const LEAST_MS = 100;

/** A view of at least the least and at most the whole, inside it. */
export function within(view: View, whole: View): View {
  const size = Math.min(Math.max(view.to - view.from, LEAST_MS), whole.to - whole.from);
  const from = Math.min(Math.max(view.from, whole.from), whole.to - size);
  return { from, to: from + size };
}

/** Closer by `factor` below one, farther above; what lies at `at` stays where it is. */
export function zoomed(view: View, factor: number, at: number): View {
  return { from: at - (at - view.from) * factor, to: at + (view.to - at) * factor };
}

export function moved(view: View, by: number): View {
  return { from: view.from + by, to: view.to + by };
}

const STEPS = [
  10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000,
  1_800_000, 3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000, 172_800_000, 604_800_000,
] as const;

/** Round moments in a view, about `wanted` of them. */
export function ticks(view: View, wanted: number): readonly number[] {
  const size = view.to - view.from;
  const step = STEPS.find((known) => size / known <= wanted) ?? size;
  const found: number[] = [];
  for (let at = Math.ceil(view.from / step) * step; at <= view.to; at += step) found.push(at);
  return found;
}
