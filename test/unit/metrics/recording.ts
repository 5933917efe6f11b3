import { type MetricsSettings, metricsSettingsSchema } from '../../../src/config/metrics-settings.js';
import { Clock } from '../../../src/core/clock.js';
import type { Source } from '../../../src/core/source.js';
import { type TaskEvent, taskEvent } from '../../../src/core/task-event.js';
import { MetricFamilies } from '../../../src/metrics/metric-families.js';
import { ResultMetrics } from '../../../src/metrics/result-metrics.js';
import { TaskFamilies } from '../../../src/metrics/task-families.js';
import { TaskRecorder } from '../../../src/metrics/task-recorder.js';
import { EventIntake } from '../../../src/queue-inspector/event-intake.js';

export const BULL: Source = { name: 'main', engine: 'bull', location: 'redis://broker.example:6379/0' };

/** Both clocks stand still until they are moved. */
export class StillClock extends Clock {
  ms = 1_000_000;

  override now(): number {
    return this.ms;
  }

  override monotonic(): number {
    return this.ms;
  }
}

/** A recorder behind real live state, and what Prometheus would read from it. */
export function recording(said: Partial<MetricsSettings> = {}) {
  const settings = { ...metricsSettingsSchema.parse({}), ...said };
  const clock = new StillClock();
  const families = new MetricFamilies(settings.maxSeries);
  const taskFamilies = new TaskFamilies(families, settings);
  const recorder = new TaskRecorder(clock, taskFamilies, new ResultMetrics(families, settings), settings);
  const intake = new EventIntake({ maxTasks: 10_000, maxBytes: 1e9 });
  intake.listen(recorder);
  return {
    clock,
    families,
    taskFamilies,
    recorder,
    feed: (...events: Parameters<EventIntake['take']>[1]) => intake.take(BULL, events),
    /** Lines of one metric, without its comments. */
    lines: async (metric: string): Promise<readonly string[]> => {
      const text = await families.registry.metrics();
      return text.split('\n').filter((line) => !line.startsWith('#') && line.startsWith(metric));
    },
    value: async (series: string): Promise<number | null> => {
      const text = await families.registry.metrics();
      const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
      return line === undefined ? null : Number(line.slice(series.length + 1));
    },
  };
}

let serial = 0;

/** The two events of an attempt that ran for `runtimeMs`. */
export function attempt(
  kind: 'task-succeeded' | 'task-failed' | 'task-retried',
  name: string,
  said: Partial<TaskEvent> = {},
): readonly TaskEvent[] {
  serial += 1;
  const id = `queue:${serial}`;
  const runtimeMs = said.runtimeMs ?? 1500;
  return [
    taskEvent('task-started', id, 900_000, { name, occurrence: 1, sentAt: said.sentAt ?? null, eta: said.eta ?? null }),
    taskEvent(kind, id, 900_000 + runtimeMs, { ...said, name, occurrence: 1, runtimeMs }),
  ];
}

/** Sum of the values of lines. */
export function total(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
