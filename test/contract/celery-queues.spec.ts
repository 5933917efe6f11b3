import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { type CeleryWatch, startCeleryWatch } from '../support/celery-watch.js';
import {
  type CelerySender,
  type CeleryWorkerProcess,
  startCelerySender,
  startCeleryWorker,
} from '../support/celery-worker.js';
import { eventually } from '../support/eventually.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';

const PATIENT = { within: 20_000, every: 100 } as const;
const signal = (): AbortSignal => AbortSignal.timeout(5_000);

describe('Celery queues on Redis', () => {
  let redis: RedisServer;
  let client: Redis;
  let sender: CelerySender;
  let watch: CeleryWatch;

  beforeAll(async () => {
    redis = await startRedisServer();
    client = new Redis(redis.url);
    watch = startCeleryWatch({ broker: `${redis.url}/0` });
    sender = startCelerySender({ broker: `${redis.url}/0`, environment: { SENT_EVENTS: '1' } });
    await eventually(() => expect(watch.engine.status().connection).toBe('connected'), PATIENT);
  }, 30_000);

  afterAll(async () => {
    client?.disconnect();
    await sender?.stop();
    await watch?.stop();
    await redis?.stop();
  }, 30_000);

  const queue = async (name: string) => (await watch.inspect()).queues.find((found) => found.name === name);

  test('show what waits in the order in which it will be taken, and leave it as it was', async () => {
    const options = { queue: 'peeked' };
    const first = await sender.send({ name: 'tasks.add', args: [1, { password: 'x' }], kwargs: { n: 'é' }, options });
    const large = await sender.send({ name: 'tasks.big', args: ['y'.repeat(300_000)], options });
    const later = { ...options, priority: 3, countdown: 60, expires: 120 };
    const low = await sender.send({ name: 'tasks.low', options: later });
    await client.rpush('peeked', 'not a message');
    const before = await client.lrange('peeked', 0, -1);

    const peek = await watch.engine.peek('peeked', 10, signal());

    expect(peek.total).toBe(4);
    expect(peek.tasks).toEqual([
      expect.objectContaining({ id: null, unreadable: 'malformed', bytes: 13 }),
      expect.objectContaining({
        id: first,
        name: 'tasks.add',
        args: [1, { password: '[redacted]' }],
        kwargs: { n: 'é' },
        unreadable: null,
        priority: 0,
        attempts: 0,
        eta: null,
      }),
      expect.objectContaining({ id: large, name: null, args: null, unreadable: 'oversized' }),
      expect.objectContaining({ id: low, name: 'tasks.low', args: [], priority: 3 }),
    ]);
    const { eta, expiresAt } = peek.tasks[3] ?? {};
    expect(eta).toBeGreaterThan(Date.now());
    expect(expiresAt).toBeGreaterThan(eta ?? Number.POSITIVE_INFINITY);
    expect(await client.lrange('peeked', 0, -1)).toEqual(before);
    expect((await watch.engine.peek('peeked', 2, signal())).tasks).toHaveLength(2);
    const deeper = await watch.engine.peek('peeked', 2, signal(), 2);
    expect(deeper.tasks.map(({ id }) => id)).toEqual([large, low]);
  });

  test('are drained of as many tasks as expected, and of none where there are more', async () => {
    const options = { queue: 'drained' };
    await sender.sendMany({ name: 'tasks.add', args: [1, 1], options, times: 3 });
    await sender.send({ name: 'tasks.add', args: [1, 1], options: { ...options, priority: 6 } });
    const drain = (atMost: number | null, dryRun = false) =>
      watch.engine.actOnQueue('drained', { action: { kind: 'drain', delayed: false }, atMost, dryRun }, signal());

    const counted = await drain(null, true);
    await expect(drain(3)).rejects.toMatchObject({ code: 'count-exceeded', details: { found_count: 4 } });
    const before = (await watch.engine.peek('drained', 10, signal())).total;
    const drained = await drain(4);

    expect(counted).toMatchObject({ matched: 4, removed: 0 });
    expect(before).toBe(4);
    expect(drained).toMatchObject({ matched: 4, removed: 4, complete: true, after: { waiting: 0, active: null } });
    expect((await watch.engine.peek('drained', 10, signal())).total).toBe(0);
  });

  test('tell how long the next task has waited where its sending was told, and nothing where it was not', async () => {
    const silent = startCelerySender({ broker: `${redis.url}/0` });
    const id = await sender.send({ name: 'tasks.add', args: [1, 1], options: { queue: 'told' } });
    await sender.send({ name: 'tasks.add', args: [1, 1], options: { queue: 'told' } });
    await silent.send({ name: 'tasks.add', args: [1, 1], options: { queue: 'untold' } });
    await silent.stop();
    const sent = await watch.event(id, 'task-sent');

    const told = await eventually(async () => {
      const found = await queue('told');
      expect(found).toMatchObject({ length: 2, oldestWaitingSeconds: expect.any(Number) });
      return found;
    }, PATIENT);
    const untold = await eventually(async () => {
      const found = await queue('untold');
      expect(found).toMatchObject({ length: 1 });
      return found;
    }, PATIENT);

    expect(told?.oldestWaitingSeconds).toBeGreaterThan(0);
    expect(told?.oldestWaitingSeconds).toBeLessThanOrEqual((Date.now() - sent.at) / 1000);
    expect(untold?.oldestWaitingSeconds).toBeNull();
  });

  test('stay known, with what waits in them and nobody to take it, when their worker has gone', async () => {
    const worker: CeleryWorkerProcess = startCeleryWorker({ broker: `${redis.url}/0`, name: 'w', queues: ['left'] });
    try {
      await eventually(async () => expect(await queue('left')).toMatchObject({ consumers: 1 }), PATIENT);
    } finally {
      await worker.stop();
    }
    await watch.workerIs(worker.name, 'offline', 20_000);

    await sender.send({ name: 'tasks.add', args: [1, 1], options: { queue: 'left' } });

    await eventually(async () => expect(await queue('left')).toMatchObject({ length: 1, consumers: 0 }), PATIENT);
  }, 60_000);
});
