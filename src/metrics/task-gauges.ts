import type { Clock } from '../core/clock.js';
import { durationQuantiles } from './duration-window.js';
import { OTHER, UNKNOWN } from './label-value.js';
import type { SourceLook } from './source-look.js';
import type { TaskFamilies } from './task-families.js';
import type { TaskRecorder } from './task-recorder.js';

export const PERCENTILES = [
  ['p50', 0.5],
  ['p95', 0.95],
  ['p99', 0.99],
] as const;
export const QUANTILES = PERCENTILES.map(([, quantile]) => quantile);

/** Gauges by task name: what runs now, by the sources' word, and what the recorder's windows hold. */
export class TaskGauges {
  readonly #clock: Clock;
  readonly #families: TaskFamilies;
  readonly #recorder: TaskRecorder;

  constructor(clock: Clock, families: TaskFamilies, recorder: TaskRecorder) {
    this.#clock = clock;
    this.#families = families;
    this.#recorder = recorder;
  }

  collect(looks: readonly SourceLook[]): void {
    const now = this.#clock.monotonic();
    const { activeTasks, failureRate, durationPercentile } = this.#families;
    activeTasks.show((set) => {
      const answered = new Set(looks.flatMap(({ view, snapshot }) => (snapshot === null ? [] : [view.source.name])));
      // A known name of which nothing runs is at 0, not absent. What is set twice is added up.
      for (const [source, { name }] of this.#recorder.records()) {
        if (name !== OTHER && answered.has(source.name)) set(0, name, source.name);
      }
      for (const { view, snapshot } of looks) {
        for (const [name, count] of snapshot?.activeByName ?? []) set(count, name ?? UNKNOWN, view.source.name);
      }
    });
    failureRate.show((set) => {
      for (const [source, { name, failures }] of this.#recorder.records()) set(failures.count(now), name, source.name);
    });
    durationPercentile.show((set) => {
      for (const [source, { name, durations }] of this.#recorder.records()) {
        const values = durationQuantiles([durations], now, QUANTILES);
        PERCENTILES.forEach(([percentile], at) => {
          set(values?.[at] ?? null, name, percentile, source.name);
        });
      }
    });
  }
}
