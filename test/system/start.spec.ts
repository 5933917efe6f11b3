import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cleanCopy } from '../support/clean-copy.js';
import { eventually } from '../support/eventually.js';
import { type PrometheusServer, startPrometheus } from '../support/prometheus-server.js';
import { processesMentioning, type ServiceProcess, startServiceProcess } from '../support/service-process.js';

/** Every metric of the contract that Bull can feed. Labels and meaning have tests of their own. */
const CONTRACT = [
  'celery_task_duration_seconds_bucket',
  'celery_task_total',
  'celery_active_tasks',
  'celery_worker_pool_size',
  'celery_worker_pool_busy',
  'celery_worker_up',
  'celery_queue_length',
  'celery_task_failure_rate',
  'celery_task_retries_total',
  'celery_task_timeouts_total',
  'celery_task_wait_seconds_bucket',
  'celery_task_eta_delta_seconds_bucket',
  'celery_task_duration_percentile_seconds',
  'model_training_duration_seconds_bucket',
  'model_training_samples_bucket',
  'model_training_features_bucket',
  'model_training_result_total',
  'models_trained_total',
  'hyperparameter_tuning_duration_seconds_bucket',
  'hyperparameter_tuning_iterations_bucket',
  'hyperparameter_tuning_best_score_bucket',
  'hyperparameter_tuning_result_total',
  'process_memory_usage_bytes',
  'process_cpu_usage_percent',
  'disk_io_bytes_total',
  'process_count',
];

describe('npm start on a fresh clone', () => {
  const copy = cleanCopy();
  let service: ServiceProcess;
  let prometheus: PrometheusServer;

  const get = async (path: string): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${service.url}${path}`);
    expect({ path, status: answer.status }).toEqual({ path, status: 200 });
    return JSON.parse(await answer.text());
  };

  beforeAll(async () => {
    service = await startServiceProcess(
      'npm',
      ['start', '--', '--port', '0', '--sample-rate', '5', '--log-format', 'json'],
      {
        cwd: copy.folder,
        within: 240_000,
      },
    );
    prometheus = await startPrometheus({
      jobs: { taskscope: new URL(service.url).host },
      ruleFiles: [join(copy.folder, 'deploy/prometheus/taskscope-rules.yml')],
    });
  }, 260_000);

  afterAll(async () => {
    await prometheus?.stop();
    service?.kill();
    copy.remove();
  });

  test('becomes ready and shows tasks, workers and queues of the sample workload', async () => {
    await eventually(async () => expect((await fetch(`${service.url}/health/ready`)).status).toBe(200), {
      within: 20_000,
    });

    await eventually(
      async () => {
        const summary = await get('/api/v1/celery/metrics/summary');
        const counted = JSON.stringify(summary);
        expect(summary).toMatchObject({
          workers: { total: expect.any(Number) },
          tasks: { active: expect.any(Number), total_pending: expect.any(Number) },
        });
        expect(counted).toContain('training.');
        expect(await get('/api/v1/celery/health')).toMatchObject({ status: 'healthy', broker_connected: true });
        const { workers } = await get('/api/v1/celery/workers/status');
        expect(workers).toEqual(
          expect.arrayContaining([
            expect.objectContaining({ status: 'online', source: 'embedded-bull', engine: 'bull' }),
          ]),
        );
        const { queues } = await get('/api/v1/celery/queues/status');
        expect(Object.keys(queues ?? {}).length).toBeGreaterThan(2);
      },
      { within: 60_000, every: 500 },
    );
  }, 90_000);

  test('serves every metric of the contract that Bull can feed', async () => {
    await eventually(
      async () => {
        const text = await (await fetch(`${service.url}/metrics`)).text();
        const missing = CONTRACT.filter((name) => !new RegExp(`^${name}(\\{[^}]*\\})? `, 'm').test(text));
        expect(missing).toEqual([]);
      },
      { within: 120_000, every: 1_000 },
    );
  }, 130_000);

  test.each([
    ['the guide’s success rate', 'rate(celery_task_total{status="success"}[5m]) / rate(celery_task_total[5m])'],
    ['the right success rate', 'task_name:celery_task_success:ratio_rate5m'],
    ['average duration', 'rate(celery_task_duration_seconds_sum[5m]) / rate(celery_task_duration_seconds_count[5m])'],
    ['95th percentile', 'histogram_quantile(0.95, rate(celery_task_duration_seconds_bucket[5m]))'],
    ['worker utilisation', 'celery_worker_pool_busy / celery_worker_pool_size * 100'],
    ['failure rate', 'celery_task_failure_rate'],
  ])(
    'answers a real Prometheus that asks for the %s',
    async (_, query) => {
      await eventually(
        async () => {
          const numbers = (await prometheus.query(query))
            .map(({ value }) => value)
            .filter((value) => !Number.isNaN(value));
          expect(numbers.length).toBeGreaterThan(0);
          expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
        },
        { within: 30_000, every: 500 },
      );
    },
    40_000,
  );

  test('ends on Ctrl-C with everything it had started', async () => {
    expect(processesMentioning(copy.folder).length).toBeGreaterThan(0);
    expect(existsSync(join(copy.folder, '.taskscope'))).toBe(true);

    await service.interrupt();

    await eventually(() => expect(processesMentioning(copy.folder)).toEqual([]), { within: 5_000 });
  }, 30_000);
});
