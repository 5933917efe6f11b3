import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { SystemClock } from '../../src/core/clock.js';
import type { Queue } from '../../src/core/queue.js';
import { EngineDetector } from '../../src/engines/engine-detector.js';
import { eventually } from '../support/eventually.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { BullApp } from './bull-app.js';
import { type Watched, watchBull } from './watched.js';

const signal = (): AbortSignal => AbortSignal.timeout(5_000);

/** What Bull really does, and what misled others. */
describe('Bull, as it really is:', () => {
  let redis: RedisServer;
  let app: BullApp;
  let raw: Redis;
  let watched: Watched;
  beforeAll(async () => {
    redis = await startRedisServer();
    app = new BullApp(redis.url);
    raw = new Redis(redis.url);
    watched = watchBull(redis.url);
    await watched.connected();
  });
  afterAll(async () => {
    await watched.engine.stop();
    await app.close();
    raw.disconnect();
    await redis.stop();
  });

  const queue = async (name: string): Promise<Queue> => {
    await watched.knows(name);
    const found = (await watched.look()).queues.find((one) => one.name === name);
    if (!found) throw new Error(`no queue ${name}`);
    return found;
  };

  test('the workers of a queue are not those of another whose base64 begins alike', async () => {
    await app.add('abc');
    await app.add('abcdef');
    await app.work('abcdef');

    await eventually(async () => expect((await queue('abcdef')).consumers).toBe(1));
    expect((await queue('abc')).consumers).toBe(0);
  });

  test('a paused queue has a `meta` hash, counts its tasks, and is still Bull’s', async () => {
    await app.queue('paused').pause();
    await app.add('paused');
    await app.add('paused');
    expect(await raw.hgetall('bull:paused:meta')).toEqual({ paused: '1' });

    expect(await queue('paused')).toMatchObject({ paused: true, length: 2 });
    expect((await queue('paused')).oldestWaitingSeconds).toBeGreaterThanOrEqual(0);
    const found = await new EngineDetector(redis.url, new SystemClock()).detect(signal());
    expect(found).toEqual(['bull']);
  });

  test('a queue of BullMQ is left alone', async () => {
    await raw.set('bull:modern:id', 3);
    await raw.lpush('bull:modern:wait', 1, 2, 3);
    await raw.hset('bull:modern:meta', 'version', 'bullmq:5.1.0');
    const found = await new EngineDetector(redis.url, new SystemClock()).detect(signal());
    const other = watchBull(redis.url);
    await other.connected();
    await other.knows('paused');

    expect((await other.look()).queues.map(({ name }) => name)).not.toContain('modern');
    expect(found).toEqual(['bull', 'bullmq']);
    await other.engine.stop();
  });

  test('names and ids may hold colons', async () => {
    const jobId = await app.add('region:eu:mail', { result: 1 }, { jobId: 'user:42:welcome' });
    await app.work('region:eu:mail');
    const id = `region:eu:mail:${jobId}`;
    await eventually(() => expect(watched.tasks('task-succeeded').map((event) => event.id)).toContain(id));

    expect(await watched.engine.findTask(id, signal())).toMatchObject({ queue: 'region:eu:mail', state: 'SUCCESS' });
    expect((await queue('region:eu:mail')).consumers).toBe(1);
  });

  test('another prefix is found, and only then shown when two queues would have one name', async () => {
    await app.queue('mine', { prefix: 'shop' }).add({});
    await watched.knows('mine');
    await app.add('mine');

    await watched.knows('bull:mine');
    expect((await queue('bull:mine')).length).toBe(1);
  });

  test('attemptsMade is missing before the first failure', async () => {
    const jobId = await app.add('young', { hold: true });
    await app.work('young');
    await eventually(() => expect(watched.tasks('task-started').some(({ id }) => id === `young:${jobId}`)).toBe(true));
    expect(await raw.hget(`bull:young:${jobId}`, 'attemptsMade')).toBeNull();

    expect(await watched.engine.findTask(`young:${jobId}`, signal())).toMatchObject({ state: 'STARTED', attempts: 1 });
    await app.release('young', jobId);
  });

  test('the score of a delayed task is its time, times 4096', async () => {
    const due = Date.now() + 600_000;
    const jobId = await app.add('late', {}, { delay: 600_000 });
    await watched.knows('late');

    const task = (await watched.look()).scheduled.tasks.find(({ id }) => id === `late:${jobId}`);
    expect(Math.abs((task?.eta ?? 0) - due)).toBeLessThan(1_000);
    expect((await watched.engine.findTask(`late:${jobId}`, signal()))?.eta).toBe(task?.eta);
  });

  test('a delayed task keeps its due time when it runs, though Bull resets its delay', async () => {
    const jobId = await app.add('due', { result: 1 }, { delay: 150 });
    await app.work('due');
    const started = await eventually(
      () => {
        const found = watched.tasks('task-started').find(({ id }) => id === `due:${jobId}`);
        if (!found) throw new Error('not started');
        return found;
      },
      { within: 8_000 },
    );

    expect((started.eta ?? 0) - (started.sentAt ?? 0)).toBe(150);
  });

  test('a result is encoded twice, and one that is too large only has a size', async () => {
    await app.work('results');
    const small = await app.add('results', { result: '{"not":"parsed"}' });
    const large = await app.add('results', { result: 'x'.repeat(40_000) });
    const huge = await app.add('results', { result: 'y'.repeat(200_000) });

    await eventually(() =>
      expect(watched.tasks('task-succeeded').filter(({ queue: its }) => its === 'results')).toHaveLength(3),
    );
    const of = (jobId: string) => watched.tasks('task-succeeded').find(({ id }) => id === `results:${jobId}`);
    expect(of(small)?.value).toBe('{"not":"parsed"}');
    expect(of(large)).toMatchObject({ value: undefined, valueBytes: 40_002 });
    expect(of(huge)?.value).toBeUndefined();
    expect(watched.events).toContainEqual(expect.objectContaining({ kind: 'rejected', reason: 'oversized' }));
  });

  test('a retry with a back-off is told when it is delayed, though Bull publishes a time and no id', async () => {
    const jobId = await app.add('backoff', { fail: 'later', failures: 1 }, { attempts: 2, backoff: 60_000 });
    await app.work('backoff');

    const retried = await eventually(() => {
      const found = watched.tasks('task-retried').find(({ id }) => id === `backoff:${jobId}`);
      if (!found) throw new Error('not told');
      return found;
    });
    expect(retried).toMatchObject({ occurrence: 1, error: { type: 'TypeError', message: 'later' } });
    expect((retried.eta ?? 0) - retried.at).toBeGreaterThan(50_000);
  });

  test('a timeout is told as one', async () => {
    const jobId = await app.add('slow', { hold: true }, { timeout: 50 });
    await app.work('slow');

    await eventually(() =>
      expect(watched.tasks('task-failed')).toContainEqual(
        expect.objectContaining({
          id: `slow:${jobId}`,
          timedOut: true,
          error: expect.objectContaining({ type: 'TimeoutError' }),
        }),
      ),
    );
    await app.release('slow', jobId);
  });

  test('a stall failure, which Bull’s own metrics leave out, is counted', async () => {
    const settings = { stalledInterval: 200, maxStalledCount: 0, lockDuration: 60_000 };
    await raw.hset('bull:stalls:77', { name: '__default__', timestamp: Date.now(), opts: '{}', data: '{}' });
    await raw.incr('bull:stalls:id');
    await raw.lpush('bull:stalls:active', '77');
    await app.work('stalls', { settings, metrics: { maxDataPoints: 10 } });

    const failed = await eventually(
      () => {
        const found = watched.tasks('task-failed').find(({ id }) => id === 'stalls:77');
        if (!found) throw new Error('not told');
        return found;
      },
      { within: 8_000 },
    );
    expect(failed).toMatchObject({ name: 'stalls', error: { type: 'StalledError' } });
    expect(await raw.hget('bull:stalls:metrics:failed', 'count')).toBeNull();
  });

  test('an active task whose worker is gone is an orphan, even with no worker at all, and can be revoked', async () => {
    await raw.hset('bull:lost:1', { name: 'x', timestamp: Date.now(), opts: '{}', data: '{}' });
    await raw.set('bull:lost:id', 1);
    await raw.lpush('bull:lost:active', '1');
    const other = watchBull(redis.url);
    await other.connected();
    await other.knows('lost');

    await eventually(
      async () => {
        const lost = (await other.look()).queues.find(({ name }) => name === 'lost');
        expect(lost).toMatchObject({ active: 1, orphaned: 1 });
      },
      { within: 8_000, every: 300 },
    );
    expect(await other.engine.revoke('lost:1', { terminate: false, signal: null }, signal())).toMatchObject({
      outcome: 'revoked',
    });
    expect(await raw.llen('bull:lost:active')).toBe(0);
    await other.engine.stop();
  });

  test('repeating tasks are listed, and one that will never run again is found out', async () => {
    await app.queue('cron').add('tick', {}, { repeat: { every: 3_600_000 } });
    await app.queue('cron').add('a:b', {}, { repeat: { cron: '0 3 * * *', tz: 'Europe/Berlin' } });
    await raw.zadd('bull:cron:repeat', Date.now() - 600_000, 'zombie:::60000');

    const { schedules } = await queue('cron');
    expect(schedules).toHaveLength(3);
    expect(schedules).toContainEqual(expect.objectContaining({ name: 'cron.tick', everyMs: 3_600_000, missed: false }));
    expect(schedules).toContainEqual(
      expect.objectContaining({ name: 'cron.a:b', cron: '0 3 * * *', timeZone: 'Europe/Berlin', missed: false }),
    );
    expect(schedules).toContainEqual(expect.objectContaining({ name: 'cron.zombie', missed: true }));
  });

  test('priorities are told apart', async () => {
    for (const priority of [1, 5, 5]) await app.add('ranks', {}, { priority });
    await app.add('ranks');

    expect(new Set((await queue('ranks')).byPriority)).toEqual(
      new Set([
        { priority: 1, length: 1 },
        { priority: 5, length: 2 },
        { priority: null, length: 1 },
      ]),
    );
  });

  test('a short id finds its candidates in all queues, and keys that are no tasks are none', async () => {
    await app.add('twice', {}, { jobId: 'same' });
    await app.add('again', {}, { jobId: 'same' });
    await watched.knows('again');

    expect(new Set(await watched.engine.resolveTaskId('same', 10, signal()))).toEqual(
      new Set(['twice:same', 'again:same']),
    );
    expect(await watched.engine.resolveTaskId('wait', 10, signal())).toEqual([]);
  });

  test('a task id that the application uses again is a new task each time', async () => {
    await app.work('reuse');
    for (let round = 1; round <= 3; round += 1) {
      await app.add('reuse', { result: round }, { jobId: 'nightly', removeOnComplete: true });
      await eventually(() => expect(watched.distinct('task-succeeded')).toBeGreaterThan(0));
      await eventually(() => {
        const ends = watched.tasks('task-succeeded').filter(({ id }) => id === 'reuse:nightly');
        expect(new Set(ends.map(({ occurrence }) => occurrence)).size).toBe(round);
      });
    }
  });

  test('a task retried by hand starts its next attempt', async () => {
    await app.work('again-by-hand');
    const jobId = await app.add('again-by-hand', { fail: 'once', failures: 1 });
    const id = `again-by-hand:${jobId}`;
    await eventually(() => expect(watched.tasks('task-failed').some((event) => event.id === id)).toBe(true));

    await (await app.queue('again-by-hand').getJob(jobId))?.retry();

    await eventually(() =>
      expect(watched.tasks('task-succeeded')).toContainEqual(expect.objectContaining({ id, occurrence: 2 })),
    );
    expect(watched.tasks('task-requeued')).toContainEqual(expect.objectContaining({ id, occurrence: 2 }));
  });

  test('tasks of another database are not ours, though publish/subscribe knows no databases', async () => {
    const elsewhere = new BullApp(`${redis.url}/5`);
    await elsewhere.work('elsewhere');
    const jobId = await elsewhere.add('elsewhere', { result: 1 });
    await eventually(async () =>
      expect(await (await elsewhere.queue('elsewhere').getJob(jobId))?.isCompleted()).toBe(true),
    );
    await app.add('abc');
    await eventually(() =>
      expect(watched.tasks('task-sent').filter(({ queue: its }) => its === 'abc').length).toBeGreaterThan(0),
    );

    expect(watched.tasks().filter(({ queue: its }) => its === 'elsewhere')).toEqual([]);
    await elsewhere.close();
  });

  test('nothing was missed in all of this but what nobody could hear', () => {
    expect(watched.gaps().filter(({ queue: its }) => its !== 'stalls' && its !== 'lost')).toEqual([]);
  });
});
