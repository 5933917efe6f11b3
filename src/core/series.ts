import type { DurationSketch } from './duration-sketch.js';

/** Seconds that one row covers. Each is made of the one before. */
export const SERIES_STEPS = [10, 60, 3_600, 86_400] as const;
export type SeriesStep = (typeof SERIES_STEPS)[number];

const DAY = 86_400;
/** How long rows are kept, in seconds: about as long as somebody asks for that resolution. */
export const SERIES_KEPT: Readonly<Record<SeriesStep, number>> = {
  10: DAY / 4,
  60: 2 * DAY,
  3600: 120 * DAY,
  86400: 3 * 365 * DAY,
};

/**
 * all: the tasks of a source. name, queue: those of one. depth: what a queue held. source: the source itself, one row for each time it was
 * watched, which tells "nothing happened" from "nobody looked".
 */
export const SERIES_KINDS = ['all', 'name', 'queue', 'depth', 'source'] as const;
export type SeriesKind = (typeof SERIES_KINDS)[number];

/** What happened to tasks; rows add up. */
export interface TaskFigures {
  readonly sent: number;
  readonly started: number;
  readonly success: number;
  readonly failure: number;
  readonly retry: number;
  readonly revoked: number;
  readonly rejected: number;
  readonly run: DurationSketch;
  readonly wait: DurationSketch;
}

/** What was seen when somebody looked: sums over `samples` looks, so that rows add up; null where the engine cannot know. */
export interface LevelFigures {
  readonly samples: number;
  /** depth: waiting tasks. source: workers that are up. */
  readonly first: number;
  /** depth: active. source: busy. */
  readonly second: number | null;
  /** depth: delayed. source: tasks that workers can run at once. */
  readonly third: number | null;
  /** depth: the greatest age of the oldest waiting task, in seconds, and no sum. source: null. */
  readonly greatest: number | null;
}

export interface SeriesRow {
  readonly step: SeriesStep;
  readonly kind: SeriesKind;
  /** Name of the task or the queue; empty for the others. */
  readonly key: string;
  readonly source: string;
  /** Epoch seconds at which the row begins, a multiple of `step`. */
  readonly at: number;
  readonly figures: TaskFigures | LevelFigures;
}

export interface SeriesQuery {
  readonly kind: SeriesKind;
  /** null for every one of the kind. */
  readonly key: string | null;
  readonly source: string | null;
  /** Epoch seconds. */
  readonly from: number;
  readonly to: number;
  /** The coarsest rows that may answer. */
  readonly step: number;
}

export function isTaskFigures(figures: TaskFigures | LevelFigures): figures is TaskFigures {
  return 'run' in figures;
}
