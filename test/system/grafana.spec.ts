import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { metricsSettingsSchema } from '../../src/config/metrics-settings.js';
import { SystemClock } from '../../src/core/clock.js';
import { taskEvent } from '../../src/core/task-event.js';
import type { WorkerResources } from '../../src/core/worker.js';
import { MetricsModule } from '../../src/metrics/metrics.module.js';
import { TaskRecorder } from '../../src/metrics/task-recorder.js';
import { type ApiApp, startApiApp } from '../support/api-app.js';
import { aQueue, aWorker } from '../support/builders.js';
import { ClockModule } from '../support/clock-module.js';
import { eventually } from '../support/eventually.js';
import { FakeEngine } from '../support/fake-engine.js';
import { asGrafanaAsks, shippedDashboards } from '../support/grafana-dashboards.js';
import { type PrometheusServer, startPrometheus } from '../support/prometheus-server.js';

const RULES = ['deploy/prometheus/prometheus-rules.yml', 'deploy/prometheus/taskscope-rules.yml'];
const SCRAPE_SECONDS = 1;
const RUN_MS = 2_000;

const TRAINED = {
  model_type: 'tree',
  task_type: 'regression',
  training_time: 12,
  train_samples: 600,
  n_features: 8,
  status: 'success',
};
const TUNED = {
  model_type: 'tree',
  tuning_method: 'grid',
  tuning_time: 90,
  total_combinations: 12,
  best_score: 0.83,
  status: 'success',
};

/** One of everything that a dashboard shows; to be told again and again, because rates need change. */
function tell(engine: FakeEngine, round: number): void {
  const now = Date.now();
  const attempt = (id: string, name: string, kind: Parameters<typeof taskEvent>[0], said: object = {}): void => {
    const told = { name, occurrence: 1, queue: 'training', worker: 'w1' };
    const waited = { ...told, sentAt: now - RUN_MS - 700, eta: now - RUN_MS - 200 };
    engine.emit(taskEvent('task-started', `${id}:${round}`, now - RUN_MS, waited));
    engine.emit(taskEvent(kind, `${id}:${round}`, now, { ...told, runtimeMs: RUN_MS, ...said }));
  };
  const error = { type: 'SoftTimeLimitExceeded', message: 'took too long' };
  attempt('train', 'app.train_model', 'task-succeeded', { value: TRAINED, valueBytes: 100 });
  attempt('tune', 'app.tune_model', 'task-succeeded', { value: TUNED, valueBytes: 100 });
  attempt('lose', 'app.lose', 'task-failed', { error, timedOut: true });
  attempt('again', 'app.again', 'task-retried', { error });
  engine.emit(
    { kind: 'reconciled', at: now, name: 'app.train_model', outcome: 'success', count: 1, timedOut: 0, reason: null },
    { kind: 'gap', from: now - 10, to: now, queue: null, reason: 'unattributed', missed: 1, exactness: 'at_most' },
  );
}

function resources(round: number): WorkerResources {
  return {
    measuredAt: Date.now(),
    processType: 'worker',
    memoryBytes: 1e8,
    cpuPercent: 40,
    diskReadBytes: 1000 * round,
    diskWriteBytes: 2000 * round,
    processCount: 3,
  };
}

describe('every query of the dashboards, asked of a real Prometheus that scrapes the service', () => {
  const queries = shippedDashboards().flatMap((dashboard) => dashboard.queries);
  let api: ApiApp | undefined;
  let prometheus: PrometheusServer | undefined;
  let telling: NodeJS.Timeout | undefined;

  beforeAll(async () => {
    const clock = new SystemClock();
    const engine = new FakeEngine({ name: 'main' });
    const metrics = MetricsModule.forRoot(metricsSettingsSchema.parse({}));
    api = await startApiApp([engine], { clock, modules: [ClockModule.with(clock), metrics] });
    const recorder = api.app.get(TaskRecorder, { strict: false });
    let round = 0;
    telling = setInterval(() => {
      round += 1;
      engine.setSnapshot({
        at: Date.now(),
        queues: [aQueue({ source: 'main', length: 5, oldestWaitingSeconds: 30, consumers: 1, schedules: [] })],
        workers: [
          aWorker({ source: 'main', name: 'w1', poolSize: 4, busy: 2, prefetchCount: 8, resources: resources(round) }),
        ],
        activeByName: new Map([['app.train_model', 2]]),
      });
      tell(engine, round);
      recorder.backendAnswered('main', 'get', 3);
    }, 300);
    prometheus = await startPrometheus({
      jobs: { taskscope: new URL(api.baseUrl).host },
      ruleFiles: RULES.map((file) => `${process.cwd()}/${file}`),
      everySeconds: SCRAPE_SECONDS,
    });
  }, 60_000);

  afterAll(async () => {
    clearInterval(telling);
    await prometheus?.stop();
    await api?.close();
  });

  test('parses, and answers with numbers', async () => {
    expect(queries.length).toBeGreaterThan(45);

    await eventually(
      async () => {
        const silent: string[] = [];
        for (const { dashboard, panel, expression } of queries) {
          const samples = (await prometheus?.query(asGrafanaAsks(expression, SCRAPE_SECONDS))) ?? [];
          const numbers = samples.filter(({ value }) => !Number.isNaN(value));
          if (numbers.length === 0) silent.push(`${dashboard}, ${panel}: ${expression}`);
        }
        expect(silent).toEqual([]);
      },
      { within: 60_000, every: 1_000 },
    );
  }, 90_000);
});
