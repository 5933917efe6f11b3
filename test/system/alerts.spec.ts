import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Bull from 'bull';
import { type BullWorker, startBullWorker } from '../support/bull-worker.js';
import {
  type CelerySender,
  type CeleryWorkerProcess,
  startCelerySender,
  startCeleryWorker,
} from '../support/celery-worker.js';
import { eventually } from '../support/eventually.js';
import { type PrometheusServer, startPrometheus } from '../support/prometheus-server.js';
import { freePort, type RedisServer, startRedisServer } from '../support/redis-server.js';
import { scaledRules } from '../support/scaled-rules.js';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.js';

const RULES = 'deploy/prometheus';

/**
 * Three sources: "shop" (Bull, with agents), "etl" (Celery) and "away" (a Redis that is taken away). First everything is well; then real
 * workers are killed, starved and made to fail, all at once, and the shipped rules have to tell it apart.
 */
describe('the shipped alerts, in a real Prometheus that scrapes the service', () => {
  const folder = mkdtempSync(join(tmpdir(), 'taskscope-alerts-'));
  const redises: RedisServer[] = [];
  const queues: Bull.Queue[] = [];
  const bullWorkers: BullWorker[] = [];
  const celeryWorkers: CeleryWorkerProcess[] = [];
  const flows: NodeJS.Timeout[] = [];
  let sender: CelerySender | undefined;
  let service: ServiceProcess | undefined;
  let prometheus: PrometheusServer | undefined;

  const redis = async (): Promise<RedisServer> => {
    const server = await startRedisServer();
    redises.push(server);
    return server;
  };
  const bull = (name: string): Bull.Queue => {
    const queue = new Bull(name, redises[0]?.url ?? '');
    queues.push(queue);
    return queue;
  };
  /** Jobs that keep coming, until the test is over. */
  const flow = (
    queue: Bull.Queue,
    name: string,
    everyMs: number,
    data: object,
    options: Bull.JobOptions = {},
  ): void => {
    const add = (): void => void queue.add(name, data, { removeOnComplete: true, ...options }).catch(() => undefined);
    flows.push(setInterval(add, everyMs));
  };
  /** Every alert that has fired by now, once each, by its name and what it is about. */
  const fired = async (): Promise<readonly string[]> => {
    const samples = (await prometheus?.query('max_over_time(ALERTS{alertstate="firing"}[10m])')) ?? [];
    const names = samples.map(({ labels }) => {
      const { task_name, queue_name, worker_name, source, job } = labels;
      return `${labels.alertname} ${task_name ?? queue_name ?? worker_name ?? source ?? job}`;
    });
    return names.sort();
  };

  beforeAll(async () => {
    const [shop, etl, away] = [await redis(), await redis(), await redis()];
    const metricsPort = await freePort();
    bullWorkers.push(
      await startBullWorker({ url: shop.url, queue: 'shop' }),
      await startBullWorker({ url: shop.url, queue: 'lone', metricsPort }),
    );
    celeryWorkers.push(
      startCeleryWorker({ broker: etl.url, name: 'busy', pool: 'threads', concurrency: 1 }),
      startCeleryWorker({ broker: etl.url, name: 'doomed', pool: 'threads', concurrency: 1, queues: ['doomed'] }),
    );
    sender = startCelerySender({ broker: etl.url });

    const sources = [`shop=bull+${shop.url}`, `etl=celery+${etl.url}`, `away=bull+${away.url}`];
    service = await startServiceProcess(
      process.execPath,
      ['dist/src/cli.js', '--port', '0', '--data', join(folder, 'data'), ...sources],
      { within: 30_000 },
    );
    const ruleFiles = readdirSync(RULES)
      .filter((file) => file.endsWith('-rules.yml'))
      .map((file) => {
        writeFileSync(join(folder, file), scaledRules(join(RULES, file)));
        return join(folder, file);
      });
    const { host } = new URL(service.url);
    prometheus = await startPrometheus({
      jobs: { taskscope: host, celery_workers: `127.0.0.1:${metricsPort}` },
      ruleFiles,
    });
    flow(bull('shop'), 'ok', 250, {});
  }, 120_000);

  afterAll(async () => {
    for (const timer of flows) clearInterval(timer);
    await prometheus?.stop();
    service?.kill();
    await Promise.all(bullWorkers.map((worker) => worker.kill()));
    await Promise.all(celeryWorkers.map((worker) => worker.kill()));
    await sender?.stop();
    await Promise.all(queues.map((queue) => queue.close()));
    await Promise.all(redises.map((server) => server.stop()));
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  test('while all is well, none fires', async () => {
    await eventually(
      async () => {
        const up = (await prometheus?.query('taskscope_source_up == 1')) ?? [];
        const workers = (await prometheus?.query('celery_worker_up{job="taskscope"} == 1')) ?? [];
        const counted =
          (await prometheus?.query('celery_task_total{task_name="shop.ok",status="success"} >= 20')) ?? [];
        expect([up.length, workers.length, counted.length]).toEqual([3, 4, 1]);
      },
      { within: 60_000, every: 500 },
    );

    expect(await fired()).toEqual([]);
  }, 70_000);

  test('when workers are killed, starved and made to fail, exactly those fire that should', async () => {
    const [, , away] = redises;
    const [, lone] = bullWorkers;
    const [, doomed] = celeryWorkers;
    const [loneName] = ((await prometheus?.query('celery_worker_up{source="shop"}')) ?? [])
      .map(({ labels }) => labels.worker_name ?? '')
      .filter((name) => name.includes(String(lone?.pid)));

    // Failing, and running into the time limit.
    flow(queues[0] ?? bull('shop'), 'fail', 200, {}, { removeOnFail: true });
    flow(queues[0] ?? bull('shop'), 'slow', 250, { ms: 60_000 }, { timeout: 50, removeOnFail: true });
    // Starving: nobody takes them.
    await bull('starved').addBulk(Array.from({ length: 150 }, () => ({ name: 'wait', data: {} })));
    // A repeating job that has lost its next run, as Bull leaves it behind when a worker dies at the wrong moment.
    await bull('cron').add('tick', {}, { repeat: { every: 3_600_000 } });
    await bull('cron').client.zadd('bull:cron:repeat', Date.now() - 600_000, 'zombie:::60000');
    // More work than its only thread can do, for long.
    await sender?.sendMany({ name: 'tasks.sleep', args: [600], times: 20 });
    // Killed: one in the middle of a task that nobody will finish, one at rest, and a broker.
    await sender?.send({ name: 'tasks.sleep', args: [600], options: { queue: 'doomed' } });
    await eventually(
      async () =>
        expect(await prometheus?.query('celery_worker_pool_busy{worker_name="doomed@test"} == 1')).toHaveLength(1),
      { within: 20_000, every: 250 },
    );
    await Promise.all([doomed?.kill(), lone?.kill(), away?.kill()]);

    const expected = [
      'HighTaskFailureRate shop.fail',
      'HighTaskFailureRate shop.slow',
      'QueueBacklog starved',
      'TaskTimeout shop.slow',
      'TaskscopeFailureRatio shop.fail',
      'TaskscopeFailureRatio shop.slow',
      'TaskscopeGap etl',
      'TaskscopeNoConsumer starved',
      'TaskscopeOldestWaiting starved',
      'TaskscopeSaturated etl',
      'TaskscopeScheduleMissed cron',
      'TaskscopeSourceDown away',
      'TaskscopeWorkerLost doomed@test',
      `TaskscopeWorkerLost ${loneName}`,
      'WorkerDown celery_workers',
    ].sort();
    await eventually(async () => expect(await fired()).toEqual(expected), { within: 100_000, every: 1_000 });
  }, 150_000);

  test('when the service itself is gone, that is told', async () => {
    const before = await fired();
    service?.kill();

    await eventually(async () => expect(await fired()).toEqual([...before, 'TaskscopeDown taskscope'].sort()), {
      within: 30_000,
      every: 500,
    });
  }, 40_000);
});
