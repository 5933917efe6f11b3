import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { BullApp } from './bull-app.js';
import { type Watched, watchBull } from './watched.js';

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function server(): Promise<RedisServer> {
  const redis = await startRedisServer({ args: ['--appendfsync', 'everysec'] });
  endings.push(() => redis.stop());
  return redis;
}

function appOn(redis: RedisServer): BullApp {
  const app = new BullApp(redis.url);
  endings.push(() => app.close());
  return app;
}

async function watch(redis: RedisServer): Promise<Watched> {
  const watched = watchBull(redis.url);
  endings.push(() => watched.engine.stop());
  await watched.connected();
  return watched;
}

async function worker(redis: RedisServer, queue: string, concurrency = 10): Promise<ChildProcess> {
  const child = fork(
    fileURLToPath(new URL('bull-worker.mjs', import.meta.url)),
    [redis.url, queue, String(concurrency)],
    {
      execArgv: [],
    },
  );
  endings.push(() => {
    child.kill('SIGKILL');
  });
  await new Promise((resolve) => child.once('message', resolve));
  return child;
}

function missed(watched: Watched): number {
  return watched.gaps().reduce((sum, gap) => sum + (gap.missed ?? 0), 0);
}

describe('Without an agent, and with tasks erased as they finish', () => {
  test('every task is counted once, by name and outcome', async () => {
    const redis = await server();
    const watched = await watch(redis);
    await Promise.all([worker(redis, 'mail'), worker(redis, 'mail')]);

    const jobs = Array.from({ length: 4_000 }, (_, n) => ({
      name: n % 2 ? 'odd' : 'even',
      data: n % 10 === 0 ? { n, fail: 'no' } : { n },
      opts: { removeOnComplete: true, removeOnFail: true, attempts: n % 20 === 0 ? 2 : 1 },
    }));
    const adder = await worker(redis, 'mail', 0);
    adder.send(jobs);

    await eventually(() => expect(watched.distinct('task-succeeded') + watched.distinct('task-failed')).toBe(4_000), {
      within: 20_000,
    });
    const named = (kind: 'task-succeeded' | 'task-failed', name: string | null): number =>
      watched.tasks(kind).filter((event) => event.name === name).length;
    // A task that is erased within the millisecond in which it was added leaves no name to be read: it counts, but without one.
    const nameless = named('task-succeeded', null) + named('task-failed', null);
    expect(nameless).toBeLessThan(1_500);
    expect(named('task-succeeded', 'mail.odd')).toBeLessThanOrEqual(2_000);
    expect(named('task-succeeded', 'mail.even')).toBeLessThanOrEqual(1_600);
    expect(named('task-failed', 'mail.even')).toBeLessThanOrEqual(400);
    expect(watched.distinct('task-succeeded')).toBe(3_600);
    expect(watched.distinct('task-retried')).toBe(200);
    // The class of an error is in the stack trace, which is erased with the task.
    expect(watched.tasks('task-failed')[0]?.error?.message).toBe('no');
    expect(missed(watched)).toBe(0);
  });

  test('what was missed while Redis was away is found again or numbered', async () => {
    const redis = await server();
    const app = appOn(redis);
    const watched = await watch(redis);
    await Promise.all([worker(redis, 'mail'), worker(redis, 'mail')]);
    let added = 0;
    const add = async (count: number, keep: boolean): Promise<void> => {
      const jobs = Array.from({ length: count }, (_, n) => ({ data: { n }, opts: { removeOnComplete: !keep } }));
      await app.queue('mail').addBulk(jobs);
      added += count;
    };

    for (let round = 0; round < 3; round += 1) {
      await add(700, round === 1);
      await redis.restart();
      await eventually(() => app.queue('mail').getJobCounts(), { within: 10_000 });
      await add(50, false);
    }

    await eventually(
      async () => {
        const { waiting, active, delayed } = await app.queue('mail').getJobCounts();
        expect(waiting + active + delayed).toBe(0);
      },
      { within: 25_000 },
    );
    await eventually(
      () => {
        expect(watched.distinct('task-succeeded') + watched.distinct('task-failed') + missed(watched)).toBe(added);
      },
      { within: 15_000 },
    );
  }, 60_000);
});
