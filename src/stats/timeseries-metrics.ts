import type { SeriesKind } from '../core/series.js';
import type { SeriesSum } from '../core/series-sum.js';

export interface TimeseriesMetric {
  /** Which rows it is made of; `tasks` stands for those of all tasks, of a name or of a queue. */
  readonly of: 'tasks' | Extract<SeriesKind, 'depth' | 'source'>;
  readonly unit: 'per second' | 'seconds' | 'ratio' | 'count';
  readonly help: string;
  /** Of the rows of one span of time; `seconds` is how much of it was watched. null where it cannot be told. */
  readonly value: (sum: SeriesSum, seconds: number) => number | null;
}

const rate = (help: string, count: (sum: SeriesSum) => number): TimeseriesMetric => ({
  of: 'tasks',
  unit: 'per second',
  help,
  value: (sum, seconds) => count(sum) / seconds,
});

const quantile = (which: 'run' | 'wait', share: number, help: string): TimeseriesMetric => ({
  of: 'tasks',
  unit: 'seconds',
  help,
  value: (sum) => sum[which].quantile(share),
});

const level = (of: 'depth' | 'source', help: string, sumOf: (sum: SeriesSum) => number | null): TimeseriesMetric => ({
  of,
  unit: 'count',
  help,
  value: (sum) => {
    const total = sumOf(sum);
    return total === null || sum.samples === 0 ? null : total / sum.samples;
  },
});

/** What charts can show. Names are part of the API. */
export const TIMESERIES_METRICS: Readonly<Record<string, TimeseriesMetric>> = {
  sent: rate('tasks enqueued', ({ sent }) => sent),
  started: rate('attempts started', ({ started }) => started),
  finished: rate('attempts ended, however', ({ finished }) => finished),
  succeeded: rate('attempts that succeeded', ({ success }) => success),
  failed: rate('attempts that failed for good', ({ failure }) => failure),
  retried: rate('attempts that ended in a retry', ({ retry }) => retry),
  revoked: rate('attempts that were revoked', ({ revoked }) => revoked),
  failure_ratio: {
    of: 'tasks',
    unit: 'ratio',
    help: 'share of the attempts that failed for good',
    value: ({ failure, finished }) => (finished === 0 ? null : failure / finished),
  },
  run_p50: quantile('run', 0.5, 'run time below which half of the attempts stayed'),
  run_p95: quantile('run', 0.95, 'the same for 95 %'),
  run_p99: quantile('run', 0.99, 'the same for 99 %'),
  wait_p50: quantile('wait', 0.5, 'time from being enqueued to the first start below which half of the tasks stayed'),
  wait_p95: quantile('wait', 0.95, 'the same for 95 %'),
  wait_p99: quantile('wait', 0.99, 'the same for 99 %'),
  queue_length: level('depth', 'tasks waiting for a worker', ({ first }) => first),
  queue_active: level('depth', 'tasks running', ({ second }) => second),
  queue_delayed: level('depth', 'tasks waiting for a time', ({ third }) => third),
  queue_oldest: {
    of: 'depth',
    unit: 'seconds',
    help: 'greatest age of the oldest waiting task',
    value: ({ greatest }) => greatest,
  },
  workers_up: level('source', 'workers that are up', ({ first }) => first),
  workers_busy: level('source', 'tasks that workers are running', ({ second }) => second),
  workers_pool: level('source', 'tasks that workers can run at once', ({ third }) => third),
};
