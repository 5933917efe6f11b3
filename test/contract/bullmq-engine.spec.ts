import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { BULLMQ_MAJORS, BullmqApp, loadedVersion } from '../support/bullmq-app.js';
import { bullmqEngine } from '../support/bullmq-watched.js';
import { eventually } from '../support/eventually.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { Watched } from './watched.js';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedisServer({ args: ['--appendonly', 'no'] });
});
afterAll(() => redis.stop());

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function watch(): Promise<Watched> {
  const watched = new Watched(bullmqEngine(redis.url));
  endings.push(() => watched.engine.stop());
  await watched.connected();
  return watched;
}

describe.each(BULLMQ_MAJORS)('With workers of BullMQ %i', (major) => {
  let app: BullmqApp;
  beforeAll(() => {
    app = new BullmqApp(redis.port, major);
  });
  afterAll(() => app.close());

  test('the major that runs is the one meant', async () => {
    expect(loadedVersion(major)).toMatch(new RegExp(`^${major}\\.`));
  });

  test.each([
    ['at once', {}],
    ['after a delay', { backoff: { type: 'fixed', delay: 30 } }],
  ])('failed attempts that are repeated %s are retries with their reason', async (how, options) => {
    const watched = await watch();
    const name = `retry${major}${how.length}`;
    await app.work(name);
    await app.add(name, { fail: 'no luck', failures: 2, result: 1 }, { ...options, attempts: 3 }, 'try');
    await app.add(name, { fail: 'never' }, { ...options, attempts: 2 }, 'hopeless');

    await eventually(
      () => {
        expect(watched.distinct('task-succeeded')).toBe(1);
        expect(watched.distinct('task-failed')).toBe(1);
      },
      { within: 8_000 },
    );
    const retried = watched.tasks('task-retried');
    expect(retried.map(({ name: task, occurrence, error }) => [task, occurrence, error])).toEqual(
      expect.arrayContaining([
        [`${name}.try`, 1, { type: 'TypeError', message: 'no luck' }],
        [`${name}.try`, 2, { type: 'TypeError', message: 'no luck' }],
        [`${name}.hopeless`, 1, { type: 'TypeError', message: 'never' }],
      ]),
    );
    expect(retried).toHaveLength(3);
    expect(watched.tasks('task-failed')[0]).toMatchObject({
      occurrence: 2,
      error: { type: 'TypeError', message: 'never' },
    });
    expect(watched.tasks('task-succeeded')[0]?.occurrence).toBe(3);
  });

  test('waiting, prioritised, delayed and running tasks are counted, paused or not', async () => {
    const name = `count${major}`;
    await app.work(name, { concurrency: 1 });
    await app.add(name, { hold: true });
    const watched = await watch();
    await watched.knows(name);
    for (let n = 0; n < 3; n += 1) await app.add(name, { n });
    for (let n = 0; n < 2; n += 1) await app.add(name, { n }, { priority: 5 });
    await app.add(name, {}, { delay: 60_000 });

    const expected = { length: 5, active: 1, delayed: 1, consumers: 1 };
    await eventually(async () => {
      const queue = (await watched.look()).queues.find((its) => its.name === name);
      expect(queue).toMatchObject({ ...expected, paused: false });
      expect(queue?.byPriority).toEqual([
        { priority: null, length: 3 },
        { priority: 5, length: 2 },
      ]);
    });
    await app.queue(name).pause();
    const paused = (await watched.look()).queues.find((its) => its.name === name);
    expect(paused).toMatchObject({ ...expected, paused: true });

    const snapshot = await watched.look();
    expect(snapshot.reserved.total).toBeGreaterThanOrEqual(5);
    expect(snapshot.active.tasks.find((task) => task.queue === name)).toMatchObject({
      state: 'STARTED',
      name: `${name}.job`,
      attempts: 1,
      worker: snapshot.workers.find((worker) => worker.queues?.includes(name))?.name,
    });
    expect(snapshot.scheduled.tasks.find((task) => task.queue === name)?.eta).toBeGreaterThan(Date.now() + 50_000);
  });

  test('a schedule tells when it ran last, once it has', async () => {
    const name = `clock${major}`;
    const watched = await watch();
    const since = Date.now();
    const legacy: { add(name: string, data: object, options: object): Promise<unknown> } = app.queue(name);
    if (major === 4) await legacy.add('often', {}, { repeat: { every: 400 } });
    else await app.queue(name).upsertJobScheduler('often', { every: 400 });
    await app.work(name);

    await eventually(
      async () => {
        const schedule = (await watched.look()).queues.find((its) => its.name === name)?.schedules?.[0];
        expect(schedule).toMatchObject({ everyMs: 400, missed: false, missedRuns: 0 });
        expect(schedule?.lastAt).toBeGreaterThanOrEqual(since);
        expect(schedule?.nextAt).toBeGreaterThan(schedule?.lastAt ?? Number.POSITIVE_INFINITY);
      },
      { within: 10_000 },
    );
  });

  test('what holds a queue back is told, and parents that wait for their children are counted apart', async () => {
    const name = `limits${major}`;
    const watched = await watch();
    const child = { name: 'child', queueName: name, data: {} };
    await app.flow({ name: 'parent', queueName: name, data: {}, children: [child, child] });
    await watched.knows(name);
    const queue = async () => (await watched.look()).queues.find((its) => its.name === name);
    expect(await queue()).toMatchObject({
      length: 2,
      waitingChildren: 1,
      limits: { concurrency: null, rate: null, heldBackMs: 0 },
    });
    // The first two were begun within a minute, and a third may not be.
    const raw = new Redis(redis.url);
    endings.push(() => raw.disconnect());
    if (major === 4) await raw.hset(`bull:${name}:meta`, { concurrency: 3, max: 2, duration: 60_000 });
    else {
      await app.queue(name).setGlobalConcurrency(3);
      await app.queue(name).setGlobalRateLimit(2, 60_000);
    }
    await raw.set(`bull:${name}:limiter`, 2, 'PX', 60_000);

    expect(await queue()).toMatchObject({
      limits: { concurrency: 3, rate: { tasks: 2, periodMs: 60_000 }, heldBackMs: expect.any(Number) },
    });
    expect((await queue())?.limits?.heldBackMs).toBeGreaterThan(10_000);
  });

  test('waiting, delayed and prioritised tasks are revoked by the library, and said so', async () => {
    const name = `revoke${major}`;
    const watched = await watch();
    const ids = [
      await app.add(name),
      await app.add(name, {}, { delay: 60_000 }),
      await app.add(name, {}, { priority: 3 }),
    ];
    await watched.knows(name);
    const request = { terminate: false, signal: null };
    for (const id of ids) {
      const report = await watched.engine.revoke(`${name}:${id}`, request, AbortSignal.timeout(2_000));
      expect(report.outcome).toBe('revoked');
      expect(await watched.engine.findTask(`${name}:${id}`, AbortSignal.timeout(2_000))).toBeNull();
    }
    await eventually(() => expect(watched.distinct('task-revoked')).toBe(3));
    const queue = (await watched.look()).queues.find((its) => its.name === name);
    expect(queue).toMatchObject({ length: 0, delayed: 0 });
  });
});
