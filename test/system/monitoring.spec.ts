import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DatabaseSync } from '@photostructure/sqlite';
import { Redis } from 'ioredis';
import { BullApp } from '../contract/bull-app.js';
import { eventually } from '../support/eventually.js';
import { asGrafanaAsks, shippedDashboards } from '../support/grafana-dashboards.js';
import { type MonitoredWorkers, SCRAPE_SECONDS, startMonitoredWorkers } from '../support/monitored-workers.js';
import type { Sample } from '../support/prometheus-server.js';

/** The service stands still for so long, and runs for so long, again and again: a machine that has no time for it. */
const FROZEN_MS = 1_200;
const THAWED_MS = 400;
const STALLED = 'TaskscopeWorkerStalled stuck@test';

/**
 * First everything is well; then real workers are killed, starved and made to fail, all at once, and the shipped rules have to tell it
 * apart; then the service itself has too little time, and none. What the dashboards ask must have been answered on the way.
 */
describe('a real Prometheus with the shipped rules, scraping the service over real workers', () => {
  let s: MonitoredWorkers;

  const ask = (expression: string): Promise<readonly Sample[]> => s.prometheus.query(expression);
  /** Every alert that has fired by now, once each, by its name and what it is about. */
  const fired = async (): Promise<readonly string[]> =>
    (await ask('max_over_time(ALERTS{alertstate="firing"}[10m])'))
      .map(({ labels }) => {
        const { task_name, queue_name, worker_name, source, job } = labels;
        return `${labels.alertname} ${task_name ?? queue_name ?? worker_name ?? source ?? job}`;
      })
      .sort();
  const firesAlso = async (before: readonly string[], ...more: readonly string[]): Promise<void> => {
    await eventually(async () => expect(await fired()).toEqual([...before, ...more].sort()), {
      within: 100_000,
      every: 500,
    });
  };

  /** Somebody looks at a task whose result is kept. */
  const trainOne = async (): Promise<void> => {
    const id = await s.etlSender.send({ name: 'tasks.train', args: ['forest'] });
    await fetch(`${s.service.url}/api/v1/celery/tasks/${id}/status`);
  };

  beforeAll(async () => {
    s = await startMonitoredWorkers();
  }, 150_000);

  afterAll(async () => {
    await s?.close();
  }, 60_000);

  test('while all is well, none fires', async () => {
    await eventually(
      async () => {
        await trainOne();
        const seen = await Promise.all(
          [
            'taskscope_source_up == 1',
            'celery_worker_up{job="taskscope"} == 1',
            'process_memory_usage_bytes{source=~".+",job="taskscope"} > 0',
            'celery_task_total{task_name="shop.ok",status="success"} >= 20',
            'celery_task_total{task_name="lab.ok",status="success"} >= 10',
            'celery_task_total{task_name="tasks.train",status="success"} >= 2',
            'models_trained_total{model_type="forest",source="etl"} >= 2',
          ].map(async (expression) => (await ask(expression)).length),
        );
        expect(seen).toEqual([5, 6, 6, 1, 1, 1, 1]);
      },
      { within: 60_000, every: 500 },
    );

    expect(await fired()).toEqual([]);
  }, 70_000);

  test('when workers are killed, starved and made to fail, exactly those fire that should', async () => {
    const [loneName] = (await ask('celery_worker_up{source="shop"}'))
      .map(({ labels }) => labels.worker_name ?? '')
      .filter((name) => name.includes(String(s.lone.pid)));

    // The worker lives and answers, but its pool does nothing any more.
    s.stuck.freezePool();
    await s.mlSender.sendMany({ name: 'tasks.add', args: [1, 2], options: { queue: 'stuck' }, times: 10 });
    // Failing, and running into the time limit.
    s.flow(s.shop, 'fail', 200, {});
    s.flow(s.shop, 'slow', 250, { ms: 60_000 }, { timeout: 50 });
    // Starving: nobody takes them.
    await s.bull('starved').addBulk(Array.from({ length: 150 }, () => ({ name: 'wait', data: {} })));
    // A repeating job that has lost its next run, as Bull leaves it behind when a worker dies at the wrong moment.
    const cron = s.bull('cron');
    await cron.add('tick', {}, { repeat: { every: 3_600_000 } });
    await cron.client.zadd('bull:cron:repeat', Date.now() - 600_000, 'zombie:::60000');
    // More work than its only thread can do, for long.
    await s.etlSender.sendMany({ name: 'tasks.sleep', args: [600], times: 20 });
    // Somebody else keeps the file of the history for himself.
    const greedy = new DatabaseSync(s.history);
    greedy.exec('PRAGMA busy_timeout = 20000');
    greedy.exec('BEGIN IMMEDIATE');
    // Killed: one in the middle of a task that nobody will finish, one at rest, and a broker.
    await s.etlSender.send({ name: 'tasks.sleep', args: [600], options: { queue: 'doomed' } });
    await eventually(
      async () => expect(await ask('celery_worker_pool_busy{worker_name="doomed@test"} == 1')).toHaveLength(1),
      { within: 20_000, every: 250 },
    );
    await Promise.all([s.doomed.kill(), s.lone.kill(), s.away.kill()]);

    const expected = [
      'HighTaskFailureRate shop.fail',
      'HighTaskFailureRate shop.slow',
      'QueueBacklog starved',
      'TaskTimeout shop.slow',
      'TaskscopeFailureRatio shop.fail',
      'TaskscopeFailureRatio shop.slow',
      'TaskscopeGap etl',
      'TaskscopeHistoryDown taskscope',
      'TaskscopeNoConsumer starved',
      'TaskscopeOldestWaiting starved',
      'TaskscopeSaturated etl',
      'TaskscopeScheduleMissed cron',
      'TaskscopeSourceDown away',
      'TaskscopeWorkerLost doomed@test',
      `TaskscopeWorkerLost ${loneName}`,
      'WorkerDown celery_workers',
    ].sort();
    // A stalled worker is waited for longer: in the next test.
    await eventually(async () => expect((await fired()).filter((one) => one !== STALLED)).toEqual(expected), {
      within: 100_000,
      every: 500,
    });
    greedy.close();
  }, 150_000);

  test('when a worker has taken nothing for long, and the service has too little time, that is told', async () => {
    const before = (await fired()).filter((one) => one !== STALLED);
    let starving = true;
    const starved = (async () => {
      while (starving) {
        s.service.freeze();
        await sleep(FROZEN_MS);
        s.service.thaw();
        await sleep(THAWED_MS);
      }
    })();

    try {
      await firesAlso(before, STALLED, 'TaskscopeLagging taskscope');
    } finally {
      starving = false;
      await starved;
    }
  }, 120_000);

  test('every query of the dashboards parses, and has been answered with numbers', async () => {
    const queries = shippedDashboards().flatMap((dashboard) => dashboard.queries);
    expect(queries.length).toBeGreaterThan(45);
    const app = new BullApp(s.jobs.url);
    const redis = new Redis(s.jobs.url);
    try {
      await app.work('unheard', { metrics: { maxDataPoints: 60 } });
      await eventually(
        async () => {
          // What ends while nobody can hear it is reconciled with what the worker has counted.
          for (let n = 0; n < 20; n += 1) {
            await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
            await app.add('unheard', {}, { removeOnComplete: true });
          }
          const silent: string[] = [];
          for (const { dashboard, panel, expression } of queries) {
            const asked = asGrafanaAsks(expression, SCRAPE_SECONDS);
            const samples = await ask(`max_over_time((${asked})[5m:${SCRAPE_SECONDS}s])`);
            const numbers = samples.filter(({ value }) => !Number.isNaN(value));
            if (numbers.length === 0) silent.push(`${dashboard}, ${panel}: ${expression}`);
          }
          expect(silent).toEqual([]);
        },
        { within: 60_000, every: 5_000 },
      );
    } finally {
      redis.disconnect();
      await app.close();
    }
  }, 90_000);

  test('when the service itself is gone, that is told', async () => {
    const before = await fired();

    s.service.kill();

    await firesAlso(before, 'TaskscopeDown taskscope');
  }, 110_000);
});
