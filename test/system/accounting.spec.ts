import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import Bull, { type Queue } from 'bull';
import { type BullWorker, startBullWorker } from '../support/bull-worker.js';
import { eventually } from '../support/eventually.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.js';

const WORKERS = 4;
const TASKS = 20_000;
const RESTARTS = 5;

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

interface Scene {
  readonly redis: RedisServer;
  readonly service: ServiceProcess;
  readonly queue: Queue;
  readonly workers: readonly BullWorker[];
}

/** Redis, the service on it, and four worker processes of an application. */
async function scene(options: { readonly agent: boolean }): Promise<Scene> {
  const redis = await startRedisServer({ args: ['--appendfsync', 'everysec'] });
  endings.push(() => redis.stop());
  const data = mkdtempSync(join(tmpdir(), 'taskscope-data-'));
  endings.push(() => rmSync(data, { recursive: true, force: true }));
  const service = await startServiceProcess(
    process.execPath,
    ['dist/src/cli.js', '--port', '0', '--data', data, `bull+${redis.url}`],
    { within: 30_000 },
  );
  endings.push(() => service.kill());
  const queue = new Bull('shop', redis.url, { redis: { maxRetriesPerRequest: null } });
  queue.on('error', () => undefined); // tests take Redis away
  endings.push(() => queue.close());
  const workers = await Promise.all(
    Array.from({ length: WORKERS }, () =>
      startBullWorker({
        url: redis.url,
        queue: 'shop',
        locks: 'ordinary',
        ...(options.agent ? {} : { agentRedis: null }),
      }),
    ),
  );
  endings.push(() => Promise.all(workers.map((worker) => worker.kill())));
  // A queue without a single task has no key in Redis yet: only agents tell of its workers.
  await eventually(async () => expect((await fetch(`${service.url}/health/ready`)).status).toBe(200), {
    within: 10_000,
  });
  if (options.agent) {
    await eventually(async () => {
      const answer = await fetch(`${service.url}/api/v1/celery/workers/status`);
      expect(await answer.json()).toMatchObject({ workers_up: WORKERS });
    });
  }
  return { redis, service, queue, workers };
}

/** Nine in ten succeed, one in twenty fails, one in twenty succeeds at its third attempt. All are erased as they finish. */
async function push(queue: Queue, count: number): Promise<void> {
  const opts = { removeOnComplete: true, removeOnFail: true };
  const jobs = Array.from({ length: count }, (_, at) => {
    if (at % 20 === 0) return { name: 'fail', data: {}, opts };
    if (at % 20 === 1) return { name: 'retry', data: {}, opts: { ...opts, attempts: 3 } };
    return { name: 'ok', data: { at }, opts };
  });
  for (let from = 0; from < jobs.length; from += 1000) await queue.addBulk(jobs.slice(from, from + 1000));
}

/** The samples of one metric, by their labels without the source. */
async function samples(service: ServiceProcess, metric: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${service.url}/metrics`)).text();
  const found: Record<string, number> = {};
  for (const [, labels = '', value] of text.matchAll(new RegExp(`^${metric}\\{(.*)\\} (\\S+)$`, 'gm'))) {
    const key = labels.replaceAll(/"|,?source="[^"]*"/g, '').replaceAll(/\w+=/g, '');
    found[key] = Number(value);
  }
  return found;
}

const sum = (values: Record<string, number>, ending: string): number =>
  Object.entries(values)
    .filter(([labels]) => labels.endsWith(ending))
    .reduce((total, [, value]) => total + value, 0);

const missedAtMost = async (service: ServiceProcess): Promise<number> =>
  sum(await samples(service, 'taskscope_gap_missed_at_most_total'), '');

describe('20 000 tasks through four workers that erase them', () => {
  test('are counted exactly, by name and status, with the agent', async () => {
    const { service, queue } = await scene({ agent: true });

    await push(queue, TASKS);

    await eventually(
      async () =>
        expect(await samples(service, 'celery_task_total')).toMatchObject({
          'shop.ok,success': TASKS * 0.9,
          'shop.fail,failure': TASKS * 0.05,
          'shop.retry,success': TASKS * 0.05,
          'shop.retry,retry': TASKS * 0.1,
        }),
      { within: 120_000, every: 500 },
    );
    const total = await samples(service, 'celery_task_total');
    expect(sum(total, ',success')).toBe(TASKS * 0.95);
    expect(sum(total, ',failure')).toBe(TASKS * 0.05);
    expect(sum(total, ',retry')).toBe(TASKS * 0.1);
    expect(await samples(service, 'celery_task_retries_total')).toMatchObject({
      'shop.retry,QuotaExceeded': TASKS * 0.1,
    });
    expect(await missedAtMost(service)).toBe(0);
  }, 180_000);

  test('are counted, or missing from the counters by exactly what the gaps say, without it', async () => {
    const { service, queue } = await scene({ agent: false });

    await push(queue, TASKS);

    await eventually(
      async () => {
        const total = await samples(service, 'celery_task_total');
        expect(sum(total, ',success') + sum(total, ',failure') + (await missedAtMost(service))).toBe(TASKS);
      },
      { within: 120_000, every: 500 },
    );
  }, 180_000);
});

describe('Redis killed five times under load', () => {
  test('is survived, watched again within ten seconds each time, and the counts reconcile', async () => {
    const { redis, service, queue } = await scene({ agent: true });
    const each = 1_000;

    for (let round = 0; round < RESTARTS; round += 1) {
      await push(queue, each);
      await redis.restart();
      await eventually(
        async () => {
          const answer = await fetch(`${service.url}/health/ready`);
          expect(await answer.json()).toMatchObject({
            details: { [`source:${await sourceOf(service)}`]: { status: 'up' } },
          });
        },
        { within: 10_000 },
      );
    }

    // A worker of Bull that lost Redis five times may stand still: what it has left undone is no one's count.
    await eventually(
      async () => {
        const ended = RESTARTS * each - (await left(queue));
        const total = await samples(service, 'celery_task_total');
        const counted = sum(total, ',success') + sum(total, ',failure');
        const covered = counted + (await missedAtMost(service));
        if (counted > ended || ended > covered || counted < ended * 0.9) {
          throw new Error(
            `expected counted ≤ ended ≤ covered, found ${counted}, ${ended}, ${covered}: ${JSON.stringify(total)}`,
          );
        }
        // No success counts twice.
        expect(total['shop.ok,success']).toBeLessThanOrEqual(RESTARTS * each * 0.9);
        expect(total['shop.retry,success']).toBeLessThanOrEqual(RESTARTS * each * 0.05);
      },
      { within: 60_000, every: 500 },
    );
  }, 240_000);
});

async function sourceOf(service: ServiceProcess): Promise<string> {
  const answer: unknown = await (await fetch(`${service.url}/api/v1/celery/sources`)).json();
  return /"source":"([^"]+)"/.exec(JSON.stringify(answer))?.[1] ?? 'none';
}

async function left(queue: Queue): Promise<number> {
  const { waiting, active, delayed } = await queue.getJobCounts();
  return waiting + active + delayed;
}
