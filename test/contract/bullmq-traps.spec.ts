import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { createAgent } from '../../agent/agent.js';
import { SystemClock } from '../../src/core/clock.js';
import type { Queue } from '../../src/core/queue.js';
import { EngineDetector } from '../../src/engines/engine-detector.js';
import { BULLMQ_MAJORS, BullmqApp } from '../support/bullmq-app.js';
import { bullmqEngine } from '../support/bullmq-watched.js';
import { eventually } from '../support/eventually.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { BullApp } from './bull-app.js';
import { Watched } from './watched.js';

let redis: RedisServer;
let raw: Redis;
beforeAll(async () => {
  redis = await startRedisServer({ args: ['--appendonly', 'no'] });
  raw = new Redis(redis.port);
});
afterAll(async () => {
  raw.disconnect();
  await redis.stop();
});

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
  await raw.flushall();
});

async function watch(): Promise<Watched> {
  const watched = new Watched(bullmqEngine(redis.url));
  endings.push(() => watched.engine.stop());
  await watched.connected();
  return watched;
}

function appOf(major: 4 | 5 | 6 = 6): BullmqApp {
  const app = new BullmqApp(redis.port, major);
  endings.push(() => app.close());
  return app;
}

async function queueOf(watched: Watched, name: string): Promise<Queue> {
  const queue = (await watched.look()).queues.find((its) => its.name === name);
  if (!queue) throw new Error(`queue ${name} is not known`);
  return queue;
}

const soon = (): AbortSignal => AbortSignal.timeout(3_000);

describe('What a reader of BullMQ must not get wrong', () => {
  test.each(BULLMQ_MAJORS)("the meta of version %i's queue stays as its application wrote it", async (major) => {
    const app = appOf(major);
    const queue = app.queue('settings', { streams: { events: { maxLen: 50_000 } } });
    await queue.waitUntilReady();
    const id = await app.add('settings', { n: 1 }, { delay: 60_000 });
    await queue.pause();
    const before = await raw.dumpBuffer('bull:settings:meta');

    const watched = await watch();
    await watched.knows('settings');
    await watched.engine.findTask(`settings:${id}`, soon());
    await watched.engine.revoke(`settings:${id}`, { terminate: false, signal: null }, soon());
    await watched.look();

    expect((await raw.dumpBuffer('bull:settings:meta')).equals(before)).toBe(true);
    expect(await raw.hget('bull:settings:meta', 'opts.maxLenEvents')).toBe('50000');
  });

  test('a paused Bull queue, which has a meta too, is none of BullMQ', async () => {
    const bull = new BullApp(redis.url);
    endings.push(() => bull.close());
    await bull.add('legacy', {});
    await bull.queue('legacy').pause();
    expect(await raw.hgetall('bull:legacy:meta')).toEqual({ paused: '1' });
    await appOf().add('modern');

    const watched = await watch();
    await watched.knows('modern');
    expect((await watched.look()).queues.map(({ name }) => name)).toEqual(['modern']);
  });

  test('the same queue name of Bull and BullMQ under two prefixes is counted apart', async () => {
    const bull = new BullApp(redis.url);
    endings.push(() => bull.close());
    await bull.queue('mail', { prefix: 'old' }).addBulk([{ data: {} }, { data: {} }, { data: {} }]);
    const app = appOf();
    await app.queue('mail', { prefix: 'new' }).addBulk([
      { name: 'a', data: {} },
      { name: 'b', data: {} },
    ]);
    await app.queue('mail', { prefix: 'deep:er' }).add('c', {});

    const watched = await watch();
    await watched.knows('mail');
    const { queues } = await watched.look();
    // The first prefix in order keeps the bare name.
    expect(queues.map(({ name, length }) => [name, length])).toEqual([
      ['mail', 1],
      ['new:mail', 2],
    ]);
  });

  test.each(BULLMQ_MAJORS)("version %i's paused backlog is counted, wherever it is kept", async (major) => {
    const app = appOf(major);
    for (let n = 0; n < 4; n += 1) await app.add('backlog', { n });
    await app.queue('backlog').pause();
    for (let n = 0; n < 2; n += 1) await app.add('backlog', { n });
    await app.add('backlog', {}, { priority: 1 });

    const watched = await watch();
    await watched.knows('backlog');
    expect(await queueOf(watched, 'backlog')).toMatchObject({ length: 7, paused: true, active: 0 });
    expect(await raw.llen('bull:backlog:paused')).toBe(major === 6 ? 0 : 6);
  });

  test('a queue paused by version 5 and added to by version 6 shows both parts', async () => {
    const [five, six] = [appOf(5), appOf(6)];
    await five.add('shared');
    await five.queue('shared').pause();
    await six.add('shared');

    const watched = await watch();
    await watched.knows('shared');
    expect(await queueOf(watched, 'shared')).toMatchObject({ length: 2, paused: true });
  });

  test("version 4's marker in the waiting list is no task", async () => {
    const app = appOf(4);
    await app.add('marked', {}, { delay: 60_000 });
    expect(await raw.lrange('bull:marked:wait', 0, -1)).toEqual([expect.stringMatching(/^0:/)]);

    const watched = await watch();
    await watched.knows('marked');
    expect(await queueOf(watched, 'marked')).toMatchObject({ length: 0, delayed: 1, oldestWaitingSeconds: null });
    expect((await watched.look()).reserved).toEqual({ tasks: [], total: 0 });
  });

  test('a worker of one queue is not one of another whose encoded name begins alike', async () => {
    const app = appOf();
    await app.add('abc');
    await app.add('abcdef');
    await app.work('abcdef');
    await app.work('abcdef', { name: 'press' });
    // As the Python port names its connection.
    const python = new Redis(redis.port, { connectionName: 'bull:abc' });
    endings.push(() => python.disconnect());
    await python.ping();

    const watched = await watch();
    await watched.knows('abc');
    await eventually(async () => {
      expect(await queueOf(watched, 'abcdef')).toMatchObject({ consumers: 2 });
      expect(await queueOf(watched, 'abc')).toMatchObject({ consumers: 1 });
    });
    const names = (await watched.look()).workers.map(({ name }) => name.replace(/:\d+$/, ''));
    expect(names.sort()).toEqual(['abc@127.0.0.1', 'abcdef@127.0.0.1', 'press']);
  });

  test('a running task names its worker, by name or by the id in its lock', async () => {
    const app = appOf();
    await Promise.all([app.work('press', { name: 'north' }), app.work('press', { name: 'south' })]);
    await Promise.all([app.work('plain'), app.work('plain')]);
    for (const queue of ['press', 'plain']) await app.add(queue, { hold: true });

    const watched = await watch();
    await watched.knows('press');
    await watched.knows('plain');
    await eventually(async () => {
      const { tasks } = (await watched.look()).active;
      expect(tasks.find(({ queue }) => queue === 'press')?.worker).toMatch(/^(north|south)$/);
      expect(tasks.find(({ queue }) => queue === 'plain')?.worker).toMatch(/^plain#[\w-]{8}$/);
    });
  });

  test.each([5, 6] as const)('a rate limit and a wish to be delayed are no retries in version %i', async (major) => {
    const app = appOf(major);
    await app.work('back', { limiter: { max: 1_000, duration: 1_000 } });
    const watched = await watch();
    await app.add('back', { putBack: 'postponed', result: 1 }, { attempts: 3 });
    await app.add('back', { putBack: 'rate-limited', result: 2 }, { attempts: 3 });

    await eventually(() => expect(watched.distinct('task-succeeded')).toBe(2), { within: 5_000 });
    expect(watched.tasks('task-retried')).toEqual([]);
    expect(watched.tasks('task-requeued')).toHaveLength(2);
    expect(watched.distinct('task-started')).toBe(4);
  });

  test.each(BULLMQ_MAJORS)('a vanished worker is no retry in version %i', async (major) => {
    const app = appOf(major);
    const watched = await watch();
    await app.add('stall', {}, { attempts: 3 });
    await watched.knows('stall');
    const gone = await app.work('stall', { autorun: false, lockDuration: 300, skipLockRenewal: true });
    expect((await gone.getNextJob('gone:1'))?.id).toBe('1');
    await app.work('stall', { stalledInterval: 200 });
    await eventually(() => expect(watched.tasks('task-requeued').length).toBeGreaterThan(0), { within: 5_000 });
    await eventually(() => expect(watched.distinct('task-succeeded')).toBe(1), { within: 5_000 });

    expect(watched.tasks('task-retried')).toEqual([]);
    expect(watched.tasks('task-started').map(({ occurrence }) => occurrence)).toEqual([1, 2]);
  });

  test('a task whose workers are all gone is orphaned', async () => {
    const app = appOf();
    const worker = await app.work('lonely', { autorun: false, lockDuration: 200, skipLockRenewal: true });
    await app.add('lonely');
    await worker.getNextJob('gone:1');

    const watched = await watch();
    await watched.knows('lonely');
    await eventually(async () => expect(await queueOf(watched, 'lonely')).toMatchObject({ active: 1, orphaned: 1 }), {
      within: 6_000,
      every: 200,
    });
  });

  test('flows across queues show parents and children', async () => {
    const app = appOf();
    const watched = await watch();
    const parent = await app.flow({
      name: 'assemble',
      queueName: 'cars',
      children: [
        { name: 'wheel', queueName: 'parts', data: { result: 4 } },
        { name: 'engine', queueName: 'parts', data: { fail: 'no fuel' }, opts: { failParentOnFailure: true } },
      ],
    });
    await watched.knows('cars');
    await watched.knows('parts');
    const whole = await watched.engine.findTask(`cars:${parent}`, soon());
    expect(whole).toMatchObject({ state: 'PENDING', parentId: null, raw: { waitsForChildren: true } });
    expect(whole?.childIds).toHaveLength(2);
    const child = await watched.engine.findTask(whole?.childIds[0] ?? '', soon());
    expect(child).toMatchObject({ queue: 'parts', parentId: `cars:${parent}`, rootId: `cars:${parent}` });

    await app.work('parts');
    await app.work('cars');
    await eventually(() => expect(watched.tasks('task-failed')).toHaveLength(2), { within: 5_000 });
    expect(watched.tasks('task-failed').find(({ queue }) => queue === 'cars')?.error?.type).toBe('ChildFailedError');
    const failed = await watched.engine.findTask(`cars:${parent}`, soon());
    expect([...(failed?.childIds ?? [])].sort()).toEqual([...(whole?.childIds ?? [])].sort());
  });

  test('a parent is freed when the child it waits for is revoked', async () => {
    const app = appOf();
    const watched = await watch();
    const parent = await app.flow({ name: 'p', queueName: 'up', children: [{ name: 'c', queueName: 'down' }] });
    await watched.knows('down');
    const whole = await watched.engine.findTask(`up:${parent}`, soon());
    const report = await watched.engine.revoke(whole?.childIds[0] ?? '', { terminate: false, signal: null }, soon());

    expect(report.outcome).toBe('revoked');
    await app.work('up');
    await eventually(() => expect(watched.tasks('task-succeeded').map(({ queue }) => queue)).toEqual(['up']));
  });

  test('job schedulers and legacy repeatables are schedules, and a lost one is missed', async () => {
    const [four, six] = [appOf(4), appOf(6)];
    await six
      .queue('clock')
      .upsertJobScheduler('nightly', { pattern: '0 3 * * *', tz: 'Europe/Paris' }, { name: 'report' });
    await six.queue('clock').upsertJobScheduler('tick', { every: 60_000 }, { name: 'beat' });
    const legacy: { add(name: string, data: object, options: object): Promise<unknown> } = four.queue('old');
    await legacy.add('ping', {}, { repeat: { every: 3_600_000 } });

    const watched = await watch();
    await watched.knows('clock');
    await watched.knows('old');
    const clock = await queueOf(watched, 'clock');
    expect(clock.schedules).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          id: 'nightly',
          name: 'clock.report',
          cron: '0 3 * * *',
          timeZone: 'Europe/Paris',
          everyMs: null,
          missed: false,
        }),
        expect.objectContaining({ id: 'tick', name: 'clock.beat', cron: null, everyMs: 60_000, missed: false }),
      ]),
    );
    const old = await queueOf(watched, 'old');
    expect(old.schedules).toEqual([
      expect.objectContaining({ name: 'old.ping', everyMs: 3_600_000, cron: null, missed: false }),
    ]);

    const [member = ''] = await raw.zrange('bull:old:repeat', 0, 0);
    await raw.zadd('bull:old:repeat', Date.now() - 120_000, member);
    const after = await queueOf(watched, 'old');
    expect(after.schedules).toEqual([expect.objectContaining({ missed: true })]);
  });

  test('the next run of a scheduler cannot be revoked by accident', async () => {
    const app = appOf();
    await app.queue('clock').upsertJobScheduler('tick', { pattern: '0 3 1 1 *' }, { name: 'beat' });
    const [job] = await app.queue('clock').getDelayed();
    const watched = await watch();
    await watched.knows('clock');
    const revoke = watched.engine.revoke(`clock:${job?.id}`, { terminate: false, signal: null }, soon());
    await expect(revoke).rejects.toMatchObject({ code: 'not-supported' });
  });

  test('a finished task is never erased by a revoke, a running one never touched', async () => {
    const app = appOf();
    const watched = await watch();
    await app.work('done', { concurrency: 2 });
    const finished = await app.add('done', { result: 7 });
    const running = await app.add('done', { hold: true });
    await watched.knows('done');
    await eventually(() => expect(watched.distinct('task-succeeded')).toBe(1));

    const request = { terminate: false, signal: null };
    expect((await watched.engine.revoke(`done:${finished}`, request, soon())).outcome).toBe('too-late');
    expect((await watched.engine.revoke(`done:${running}`, request, soon())).outcome).toBe('too-late');
    const forced = await watched.engine.revoke(`done:${running}`, { terminate: true, signal: null }, soon());
    expect(forced.outcome).toBe('unacknowledged');
    expect(await watched.engine.findTask(`done:${finished}`, soon())).toMatchObject({ state: 'SUCCESS', result: 7 });
    expect(await watched.engine.findTask(`done:${running}`, soon())).toMatchObject({ state: 'STARTED' });
    await expect(watched.engine.revoke('done:no-such', request, soon())).rejects.toMatchObject({
      code: 'task-not-found',
    });
  });

  test('a bare job id names every task that has it', async () => {
    const app = appOf();
    await app.add('one', {}, { jobId: 'same' });
    await app.add('two', {}, { jobId: 'same' });
    const watched = await watch();
    await watched.knows('two');
    const ids = await watched.engine.resolveTaskId('same', 10, soon());
    expect([...ids].sort()).toEqual(['one:same', 'two:same']);
    expect(await watched.engine.resolveTaskId('wait', 10, soon())).toEqual([]);
  });
});

describe('What watching costs', () => {
  test('a million-fold backlog is never walked: no command of ours is slow', async () => {
    const app = appOf();
    await app.add('heap', {});
    await app.add('heap', {}, { priority: 2 });
    await app.queue('heap').pause();
    const fill = `for i = 1, ARGV[1], 1000 do local t = {} for j = i, i + 999 do t[#t+1] = 'x' .. j end redis.call('LPUSH', KEYS[1], unpack(t)) end`;
    await raw.eval(fill, 1, 'bull:heap:wait', 300_000);
    await raw.eval(fill, 1, 'bull:heap:paused', 300_000);
    await raw.config('SET', 'slowlog-log-slower-than', 5_000);
    await raw.call('SLOWLOG', 'RESET');

    const watched = await watch();
    await watched.knows('heap');
    const snapshot = await watched.look();
    expect(snapshot.queues[0]?.length).toBe(600_002);
    expect(snapshot.reserved.tasks).toHaveLength(100);
    await watched.engine.findTask('heap:1', soon());
    await watched.engine.resolveTaskId('1', 10, soon());
    const slow: unknown = await raw.call('SLOWLOG', 'GET', 10);
    expect(slow).toEqual([]);
    expect(watched.engine.cost().connections).toBe(3);
  });

  test('a thousand queues are polled with a fixed number of commands each, on three connections', async () => {
    const pipeline = raw.pipeline();
    for (let n = 0; n < 1_000; n += 1) {
      pipeline.hset(`bull:q${n}:meta`, 'opts.maxLenEvents', '10000', 'version', 'bullmq:6.7.0');
      pipeline.set(`bull:q${n}:id`, '3');
      pipeline.xadd(`bull:q${n}:events`, '*', 'event', 'added', 'jobId', '1', 'name', 'x');
      pipeline.hset(`bull:q${n}:1`, 'name', 'x', 'timestamp', String(Date.now()), 'opts', '{}');
      pipeline.lpush(`bull:q${n}:wait`, '1');
    }
    await pipeline.exec();
    const watched = await watch();
    await eventually(async () => expect((await watched.look()).queues).toHaveLength(1_000), { within: 10_000 });

    // Other things are asked meanwhile, too: sooner or later a poll is alone.
    await eventually(
      async () => {
        const before = watched.engine.cost().commands;
        await watched.look();
        expect(watched.engine.cost().commands - before).toBeLessThanOrEqual(1_000 * 14 + 200);
      },
      { within: 20_000 },
    );
    expect(watched.engine.cost().connections).toBe(3);

    await raw.xadd('bull:q777:events', '*', 'event', 'completed', 'jobId', '1', 'returnvalue', '7');
    await eventually(() => expect(watched.distinct('task-succeeded')).toBe(1), { within: 2_000 });
  });
});

test('the reader survives a Redis that is restarted, and reads on where it was', async () => {
  const own = await startRedisServer();
  endings.push(() => own.stop());
  const app = new BullmqApp(own.port, 6);
  endings.push(() => app.close());
  const watched = new Watched(bullmqEngine(own.url));
  endings.push(() => watched.engine.stop());
  await watched.connected();
  await app.add('through', {});
  await eventually(() => expect(watched.distinct('task-sent')).toBe(1), { within: 8_000 });
  await own.restart();
  await app.work('through');
  await app.add('through', {});
  await eventually(() => expect(watched.distinct('task-succeeded')).toBe(2), { within: 15_000 });
  expect(watched.distinct('task-sent')).toBe(2);
  await eventually(() =>
    expect(watched.gaps()).toEqual([
      expect.objectContaining({ reason: 'disconnected', missed: 0, exactness: 'exact', queue: null }),
    ]),
  );
});

test('a running task is stopped through the agent in its worker, and told as revoked', async () => {
  const app = new BullmqApp(redis.port, 6);
  endings.push(() => app.close());
  const agent = createAgent({ redis: redis.url, heartbeatMs: 300 });
  endings.push(() => agent.close());
  agent.instrument(await app.work('obedient'));
  const watched = await watch();
  const id = await app.add('obedient', { untilAborted: true }, { attempts: 3 });
  await eventually(() => expect(watched.distinct('task-started')).toBe(1));

  const request = { terminate: true, signal: null };
  const report = await eventually(async () => {
    const answer = await watched.engine.revoke(`obedient:${id}`, request, AbortSignal.timeout(4_000));
    if (answer.outcome !== 'accepted') throw new Error(answer.message);
    return answer;
  });
  expect(report.workers).toEqual([expect.objectContaining({ answer: 'acknowledged' })]);
  await eventually(() => expect(watched.distinct('task-revoked')).toBe(1));
  expect(watched.tasks('task-failed')).toEqual([]);
  expect(watched.tasks('task-retried')).toEqual([]);
});

test('a user who may only read sees everything but the workers, and is told what is denied', async () => {
  await raw.call('ACL', 'SETUSER', 'reader', 'on', '>pw', '~*', '-@all', '+@read', '+ping', '+time', '+select');
  const app = new BullmqApp(redis.port, 6);
  endings.push(() => app.close());
  await app.work('seen');
  const watched = new Watched(bullmqEngine(`redis://reader:pw@127.0.0.1:${redis.port}`));
  endings.push(() => watched.engine.stop());
  await watched.connected();
  const id = await app.add('seen', { result: 1 });
  const waiting = await app.add('seen', {}, { delay: 60_000 });

  await eventually(() => expect(watched.distinct('task-succeeded')).toBe(1));
  expect((await watched.look()).queues[0]).toMatchObject({ name: 'seen', delayed: 1, consumers: null });
  expect(await watched.engine.findTask(`seen:${id}`, AbortSignal.timeout(2_000))).toMatchObject({ state: 'SUCCESS' });
  const revoke = watched.engine.revoke(
    `seen:${waiting}`,
    { terminate: false, signal: null },
    AbortSignal.timeout(2_000),
  );
  await expect(revoke).rejects.toMatchObject({ code: 'not-supported' });
  await eventually(() =>
    expect([...(watched.engine.status().denied ?? [])].sort()).toEqual([
      'finding out what was cut off event streams (XINFO, MULTI)',
      'removing tasks (EVAL)',
      'workers (CLIENT LIST)',
    ]),
  );
});

test('one Redis with Bull and BullMQ is found to hold both, a paused Bull queue alone only Bull', async () => {
  const detect = () => new EngineDetector(redis.url, new SystemClock()).detect(AbortSignal.timeout(5_000));
  const bull = new BullApp(redis.url);
  endings.push(() => bull.close());
  await bull.add('mail');
  await bull.queue('mail').pause();
  expect(await detect()).toEqual(['bull']);

  const app = new BullmqApp(redis.port, 4);
  endings.push(() => app.close());
  await app.add('modern');
  expect(await detect()).toEqual(['bull', 'bullmq']);
});

test('an engine is found whatever else fills its Redis, and told before the search is over', async () => {
  const fill = `for n = 1, 400000 do redis.call('SET', 'cache:' .. n, '') end redis.call('SADD', '_kombu.binding.images', 'x')`;
  await raw.eval(fill, 0);
  await raw.hset('shop:orders:meta', 'version', 'bullmq:6.7.0');
  await raw.set('shop:mail:id', 1);
  await raw.lpush('shop:mail:wait', 1);
  const told: string[] = [];
  const detector = new EngineDetector(redis.url, new SystemClock());

  await eventually(
    async () => {
      const found = await detector.detect(AbortSignal.timeout(10_000), (engine) => told.push(engine));
      expect(found).toEqual(['bull', 'bullmq', 'celery']);
    },
    { within: 20_000 },
  );

  expect([...told].sort()).toEqual(['bull', 'bullmq', 'celery']);
}, 30_000);
