import { metricsSettingsSchema } from '../src/config/metrics-settings.js';
import { SystemClock } from '../src/core/clock.js';
import { taskEvent } from '../src/core/task-event.js';
import { EventCounts } from '../src/metrics/event-counts.js';
import { MetricFamilies } from '../src/metrics/metric-families.js';
import { ResultMetrics } from '../src/metrics/result-metrics.js';
import { TaskFamilies } from '../src/metrics/task-families.js';
import { TaskGauges } from '../src/metrics/task-gauges.js';
import { TaskRecorder } from '../src/metrics/task-recorder.js';
import { EventIntake } from '../src/queue-inspector/event-intake.js';
import { type Figure, figure, median } from './figure.js';

const NAMES = 1_000_000;
const SCRAPES = 9;
const MEBIBYTE = 1024 * 1024;
const STATUSES = 4;
/** Live tasks are bounded by settings of their own; what is measured here are names. */
const LIVE_TASKS = 10_000;

/** Somebody who can enqueue tasks gives each a name of its own, long and odd. Needs --expose-gc. */
export async function measureHostileNames(): Promise<readonly Figure[]> {
  const clock = new SystemClock();
  const settings = metricsSettingsSchema.parse({});
  const families = new MetricFamilies(settings.maxSeries);
  const taskFamilies = new TaskFamilies(families, settings);
  const recorder = new TaskRecorder(clock, taskFamilies, new ResultMetrics(families, settings), settings);
  const gauges = new TaskGauges(clock, taskFamilies, recorder);
  const intake = new EventIntake({ maxTasks: LIVE_TASKS, maxBytes: 64 * MEBIBYTE });
  intake.listen(recorder);
  intake.listen(new EventCounts(clock, families));
  const source = { name: 'main', engine: 'celery', location: 'redis://broker.example' } as const;

  const attack = (from: number, to: number): void => {
    for (let at = from; at < to; at += 1) {
      const said = { name: nameOf(at), occurrence: at, sentAt: clock.now() - 50 };
      const kind = at % 3 === 0 ? 'task-failed' : 'task-succeeded';
      const error = at % 3 === 0 ? { type: `Error${at}`, message: 'x'.repeat(at % 200) } : null;
      intake.take(source, [
        taskEvent('task-started', `id-${at}`, clock.now() - 20, said),
        taskEvent(kind, `id-${at}`, clock.now(), { ...said, runtimeMs: 20, error }),
      ]);
    }
  };
  // Memory that any traffic takes, such as that of the live tasks, is there before the names come.
  attack(0, LIVE_TASKS * 2);
  const before = resident();
  attack(LIVE_TASKS * 2, NAMES);
  const grown = (resident() - before) / MEBIBYTE;

  const scrapes: number[] = [];
  let text = '';
  for (let scrape = 0; scrape < SCRAPES; scrape += 1) {
    const began = performance.now();
    gauges.collect([]);
    text = await families.registry.metrics();
    scrapes.push(performance.now() - began);
  }
  const lines = text.split('\n').filter((line) => line.startsWith('celery_task_total{'));
  const failed = lines.filter((line) => line.includes('status="failure"'));
  const failures = Math.ceil(NAMES / 3);
  const worst = Math.max(...scrapes);
  const cap = settings.maxSeries + STATUSES;
  return [
    figure('hostile names', NAMES, 'names'),
    figure('series of celery_task_total', lines.length, 'series', {
      text: `at most ${cap}`,
      good: lines.length <= cap,
    }),
    figure('finished attempts counted', sum(lines), 'attempts', {
      text: `exactly ${NAMES}`,
      good: sum(lines) === NAMES,
    }),
    figure('failed attempts counted', sum(failed), 'attempts', {
      text: `exactly ${failures}`,
      good: sum(failed) === failures,
    }),
    figure('memory grown by', grown, 'MiB', { text: 'at most 150', good: grown <= 150 }),
    figure('scrape, median', median(scrapes), 'ms'),
    figure('scrape, slowest', worst, 'ms', { text: 'below 250', good: worst < 250 }),
  ];
}

function nameOf(at: number): string {
  const odd = ['', '\u0000', '\r\n', '"}', '__proto__.', '\u202e', '😀', '\\'][at % 8] ?? '';
  return `${odd}hostile-${at}-${'n'.repeat(at % 240)}`;
}

function sum(lines: readonly string[]): number {
  return lines.reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

function resident(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().rss;
}
