import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { BullApp } from '../contract/bull-app.js';
import { BULLMQ_MAJORS, BullmqApp } from '../support/bullmq-app.js';
import { startCelerySender, startCeleryWorker } from '../support/celery-worker.js';
import { eventually } from '../support/eventually.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.js';

/** More than any look at the keys could read at once. */
const OTHER_KEYS = 200_000;

/** What is used of several answers. */
interface Answer {
  readonly items: readonly { readonly engine: string; readonly connection: string }[];
  readonly queues: readonly {
    readonly engine: string;
    readonly name: string;
    readonly length: number;
    readonly paused: boolean | null;
  }[];
  readonly workers: readonly object[];
}

describe('taskscope redis://… on a Redis that Celery, Bull and BullMQ share with a cache', () => {
  const data = mkdtempSync(join(tmpdir(), 'taskscope-data-'));
  const endings: (() => unknown)[] = [];
  let redis: RedisServer;
  let service: ServiceProcess;

  const get = async (path: string): Promise<Answer> =>
    JSON.parse(await (await fetch(`${service.url}/api/v1/celery${path}`)).text());

  beforeAll(async () => {
    redis = await startRedisServer({ args: ['--appendonly', 'no'] });
    const raw = new Redis(redis.url);
    await raw.eval(`for n = 1, ARGV[1] do redis.call('SET', 'cache:' .. n, n) end`, 0, OTHER_KEYS);
    raw.disconnect();

    // One name everywhere, and every queue paused: each version keeps a paused backlog in a place of its own.
    const bull = new BullApp(redis.url);
    endings.push(() => bull.close());
    const jobs = (count: number) => Array.from({ length: count }, (_, n) => ({ name: 'job', data: { n } }));
    const old = bull.queue('mail', { prefix: 'shop' });
    await old.addBulk(jobs(2));
    await old.pause();
    await old.addBulk(jobs(1));
    for (const major of BULLMQ_MAJORS) {
      const app = new BullmqApp(redis.port, major);
      endings.push(() => app.close());
      const queue = app.queue('mail', { prefix: `v${major}` });
      await queue.addBulk(jobs(major));
      await queue.pause();
      await queue.addBulk(jobs(1));
      await queue.add('urgent', {}, { priority: 1 });
    }
    const application = { broker: redis.url };
    const worker = startCeleryWorker({ ...application, name: 'w1', pool: 'solo' });
    const sender = startCelerySender(application);
    endings.push(
      () => worker.stop(),
      () => sender.stop(),
    );
    await sender.sendMany({ name: 'tasks.add', args: [1, 2], options: { queue: 'mail' }, times: 2 });

    service = await startServiceProcess(
      process.execPath,
      ['dist/src/cli.js', '--port', '0', '--data', data, redis.url],
      { within: 30_000 },
    );
  }, 60_000);

  afterAll(async () => {
    service?.kill();
    for (const end of endings.reverse()) await end();
    await redis?.stop();
    rmSync(data, { recursive: true, force: true });
  });

  test('shows three sources', async () => {
    await eventually(
      async () => {
        const { items } = await get('/sources');
        expect(items.map((its) => [its.engine, its.connection]).sort()).toEqual([
          ['bull', 'connected'],
          ['bullmq', 'connected'],
          ['celery', 'connected'],
        ]);
      },
      { within: 20_000 },
    );
  });

  test('counts queues of one name apart, by engine and by prefix, though they are paused', async () => {
    await eventually(
      async () => {
        const { queues } = await get('/queues/status');
        const found = queues.map((its) => [its.engine, its.name, its.length, its.paused]);
        expect(found).toEqual(
          expect.arrayContaining([
            ['bull', 'mail', 3, true],
            ['bullmq', 'mail', 4 + 2, true],
            ['bullmq', 'v5:mail', 5 + 2, true],
            ['bullmq', 'v6:mail', 6 + 2, true],
          ]),
        );
        expect(found.filter(([engine]) => engine !== 'celery')).toHaveLength(4);
      },
      { within: 20_000 },
    );
  });

  test('knows the Celery worker, and its queue is none of the others', async () => {
    await eventually(
      async () => {
        const { workers } = await get('/workers/status');
        expect(workers).toEqual([expect.objectContaining({ engine: 'celery', name: 'w1@test' })]);
        const { queues } = await get('/queues/status');
        expect(queues).toContainEqual(expect.objectContaining({ engine: 'celery', name: 'celery' }));
      },
      { within: 20_000 },
    );
  });
});
