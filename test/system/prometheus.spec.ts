import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { metricsSettingsSchema } from '../../src/config/metrics-settings.js';
import { SystemClock } from '../../src/core/clock.js';
import { type TaskEvent, taskEvent } from '../../src/core/task-event.js';
import { MetricsModule } from '../../src/metrics/metrics.module.js';
import { type ApiApp, startApiApp } from '../support/api-app.js';
import { aQueue, aWorker } from '../support/builders.js';
import { ClockModule } from '../support/clock-module.js';
import { eventually } from '../support/eventually.js';
import { FakeEngine } from '../support/fake-engine.js';
import { type PrometheusServer, type Sample, startPrometheus } from '../support/prometheus-server.js';
import { freePort } from '../support/redis-server.js';

const RULES = fileURLToPath(new URL('../../deploy/prometheus/', import.meta.url));
const TRAIN = 'app.tasks.training_tasks.train_model';
const SUCCEEDED = 180;
const FAILED = 60;
const RUNTIME_MS = 2000;

let api: ApiApp | undefined;
let prometheus: PrometheusServer | undefined;

/** Waits until the expression answers something that `accept` takes, because scrapes and rules come once a second. */
async function query(expression: string, accept: (samples: readonly Sample[]) => boolean): Promise<readonly Sample[]> {
  return eventually(
    async () => {
      const samples = (await prometheus?.query(expression)) ?? [];
      if (!accept(samples))
        throw new Error(`expected another answer to ${expression}, found ${JSON.stringify(samples)}`);
      return samples;
    },
    { within: 20_000, every: 250 },
  );
}

const some = (samples: readonly Sample[]): boolean => samples.length > 0;
const defined = (samples: readonly Sample[]): readonly Sample[] => samples.filter(({ value }) => !Number.isNaN(value));
const byStatus = (samples: readonly Sample[], status: string): number | undefined =>
  samples.find(({ labels }) => labels.task_name === TRAIN && labels.status === status)?.value;

function promtool(args: readonly string[], input = ''): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, { input, encoding: 'utf8', timeout: 30_000 });
  if (error !== undefined) throw error;
  return { status, output: stdout + stderr };
}

function finished(at: number): readonly TaskEvent[] {
  const said = { name: TRAIN, occurrence: 1, queue: 'training', worker: 'celery@worker1' };
  const now = Date.now();
  const started = taskEvent('task-started', `training:${at}`, now - RUNTIME_MS, { ...said, sentAt: now - 3000 });
  const end = { ...said, runtimeMs: RUNTIME_MS };
  const error = { type: 'SoftTimeLimitExceeded', message: 'took too long' };
  return at < FAILED
    ? [started, taskEvent('task-failed', `training:${at}`, now, { ...end, error, timedOut: true })]
    : [started, taskEvent('task-succeeded', `training:${at}`, now, end)];
}

beforeAll(async () => {
  const clock = new SystemClock();
  const engine = new FakeEngine({ name: 'main' });
  engine.setSnapshot({
    at: Date.now(),
    queues: [aQueue({ source: 'main', name: 'training', length: 150, oldestWaitingSeconds: 42 })],
    workers: [aWorker({ source: 'main', name: 'celery@worker1', poolSize: 4, busy: 2, prefetchCount: 4 })],
    activeByName: new Map([[TRAIN, 2]]),
  });
  const metrics = MetricsModule.forRoot(metricsSettingsSchema.parse({}));
  api = await startApiApp([engine], { clock, modules: [ClockModule.with(clock), metrics] });
  prometheus = await startPrometheus({
    jobs: { taskscope: new URL(api.baseUrl).host, celery_workers: `127.0.0.1:${await freePort()}` },
    ruleFiles: [`${RULES}prometheus-rules.yml`, `${RULES}taskscope-rules.yml`],
  });

  // Counters have to be seen before they rise: Prometheus cannot know what happened before its first look.
  engine.emit(taskEvent('task-started', 'training:first', Date.now(), { name: TRAIN, occurrence: 1 }));
  await query('celery_task_total', some);
  for (let at = 0; at < SUCCEEDED + FAILED; at += 1) engine.emit(...finished(at));
  await query(`rate(celery_task_total{status="failure"}[5m]) > 0`, some);
}, 60_000);

afterAll(async () => {
  await prometheus?.stop();
  await api?.close();
});

describe('the queries of the guide, run by Prometheus', () => {
  test('task success rate: divides series by themselves, so it is always 1', async () => {
    const samples = await query(
      'rate(celery_task_total{status="success"}[5m]) / rate(celery_task_total[5m])',
      (answer) => defined(answer).length > 0,
    );

    expect(samples.map(({ labels, value }) => [labels.status, value])).toEqual([['success', 1]]);
  });

  test('task success rate: the recording rules tell the right one', async () => {
    const right = SUCCEEDED / (SUCCEEDED + FAILED);
    const perName = await query('task_name:celery_task_success:ratio_rate5m', some);
    const perSource = await query('source:celery_task_success:ratio_rate5m', some);

    expect(perName).toEqual([
      {
        labels: { __name__: 'task_name:celery_task_success:ratio_rate5m', task_name: TRAIN, source: 'main' },
        value: expect.closeTo(right, 6),
      },
    ]);
    expect(perSource[0]?.value).toBeCloseTo(right, 6);
  });

  test('average task duration', async () => {
    const samples = await query(
      'rate(celery_task_duration_seconds_sum[5m]) / rate(celery_task_duration_seconds_count[5m])',
      (answer) => byStatus(defined(answer), 'success') !== undefined,
    );

    expect(byStatus(samples, 'success')).toBeCloseTo(RUNTIME_MS / 1000, 6);
    expect(byStatus(samples, 'failure')).toBeCloseTo(RUNTIME_MS / 1000, 6);
  });

  test('95th percentile of the duration: within the bucket of the truth', async () => {
    const samples = await query(
      'histogram_quantile(0.95, rate(celery_task_duration_seconds_bucket[5m]))',
      (answer) => byStatus(defined(answer), 'success') !== undefined,
    );

    expect(byStatus(samples, 'success')).toBeGreaterThan(1);
    expect(byStatus(samples, 'success')).toBeLessThanOrEqual(5);
  });

  test('95th percentile of the duration, exact within 1 %', async () => {
    const [sample] = await query('celery_task_duration_percentile_seconds{percentile="p95"}', some);

    expect(sample?.value).toBeGreaterThan(1.98);
    expect(sample?.value).toBeLessThan(2.02);
  });

  test('worker utilization', async () => {
    const samples = await query('celery_worker_pool_busy / celery_worker_pool_size * 100', some);

    expect(samples.map(({ labels, value }) => [labels.worker_name, value])).toEqual([['celery@worker1', 50]]);
  });

  test('task failure rate', async () => {
    const samples = await query('celery_task_failure_rate', (answer) => answer[0]?.value === FAILED);

    expect(samples.map(({ labels }) => labels.task_name)).toEqual([TRAIN]);
  });

  test.each(['HighTaskFailureRate', 'WorkerDown', 'QueueBacklog', 'TaskTimeout'])(
    'the condition of the alert %s is met',
    async (alertname) => {
      const [alert] = await query(`ALERTS{alertname="${alertname}"}`, some);

      // They wait for a minute and more before they fire; `promtool test rules` below lets that time pass.
      expect(alert?.labels.alertstate).toBe('pending');
    },
  );
});

describe('promtool', () => {
  /** Names that the contract gives: gauges that end like the count of a histogram. */
  const COMPLAINTS = ['celery_worker_prefetch_count', 'process_count'].map(
    (name) => `${name} non-histogram and non-summary metrics should not have "_count" suffix`,
  );

  test('finds nothing in the exposition that the contract does not dictate', async () => {
    const { text } = (await api?.request.get('/metrics')) ?? {};
    const { output } = promtool(['check', 'metrics'], text);

    expect(output.split('\n').filter((line) => line !== '')).toEqual(COMPLAINTS);
  });

  test('accepts the configuration and the rules', () => {
    expect(promtool(['check', 'config', `${RULES}prometheus.yml`])).toMatchObject({ status: 0 });
  });

  test('sees every alert fire after its time, and the ratios be right', () => {
    expect(promtool(['test', 'rules', `${RULES}rules-test.yml`])).toMatchObject({ status: 0 });
  });

  test('the alert rules are those of the guide', () => {
    const rules = readFileSync(`${RULES}prometheus-rules.yml`, 'utf8');

    expect(rules.match(/alert: .+|expr: .+|for: .+/g)).toEqual([
      'alert: HighTaskFailureRate',
      'expr: celery_task_failure_rate > 10',
      'for: 5m',
      'alert: WorkerDown',
      'expr: up{job="celery_workers"} == 0',
      'for: 1m',
      'alert: QueueBacklog',
      'expr: celery_queue_length > 100',
      'for: 10m',
      'alert: TaskTimeout',
      'expr: rate(celery_task_timeouts_total[5m]) > 0.1',
      'for: 5m',
    ]);
  });
});
