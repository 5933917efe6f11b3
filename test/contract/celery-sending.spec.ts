import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TaskActionReport } from '../../src/core/task-action.js';
import type { EditedArguments } from '../../src/core/task-sending.js';
import { type CeleryWatch, startCeleryWatch } from '../support/celery-watch.js';
import {
  type CelerySender,
  type CeleryWorkerProcess,
  startCelerySender,
  startCeleryWorker,
} from '../support/celery-worker.js';
import { eventually } from '../support/eventually.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';

const LONG = 'x'.repeat(3_000);
const ODD = `[1.0, 1152921504606846977, 'b\u00e4d "one\\\\', None, True, '${LONG}']`;

describe('Sending to real Celery workers over Redis', () => {
  let redis: RedisServer;
  let watch: CeleryWatch;
  let sender: CelerySender;
  const workers: CeleryWorkerProcess[] = [];

  beforeAll(async () => {
    redis = await startRedisServer();
    const [broker, results] = [`${redis.url}/0`, `${redis.url}/1`];
    watch = startCeleryWatch({ broker, results, engine: { sendable: ['tasks.add', 'tasks.e*'] } });
    sender = startCelerySender({ broker });
    const extended = { RESULT_EXTENDED: '1' };
    workers.push(
      startCeleryWorker({ broker, results, name: 'extended', queues: ['ext'], concurrency: 1, environment: extended }),
      startCeleryWorker({ broker, name: 'plain', concurrency: 1 }),
    );
    for (const { name } of workers) await watch.workerIs(name, 'online', 30_000);
    await eventually(async () => {
      const { workers: seen } = await watch.inspect();
      expect(seen.map((worker) => worker.queues?.[0]).sort()).toEqual(['celery', 'ext']);
    });
  }, 60_000);

  afterAll(async () => {
    await sender?.stop();
    await Promise.all(workers.map((worker) => worker.stop()));
    await watch?.stop();
    await redis?.stop();
  }, 30_000);

  const again = (id: string, edited?: EditedArguments): Promise<TaskActionReport> =>
    watch.engine.act(
      id,
      { kind: 'retry', resetAttempts: false, ...(edited === undefined ? {} : { edited }) },
      AbortSignal.timeout(5_000),
    );
  const done = async (order: Parameters<CelerySender['send']>[0]): Promise<{ id: string; said: unknown }> => {
    const id = await sender.send(order);
    return { id, said: (await watch.event(id, 'task-succeeded', 15_000)).value };
  };
  const outcome = async ({ newId }: TaskActionReport): Promise<unknown> =>
    (await watch.event(newId ?? '', 'task-succeeded', 15_000)).value;

  test('a task is run again with exactly what the result backend keeps, however odd or long, secrets included', async () => {
    const order = {
      name: 'tasks.echo',
      literal: ODD,
      kwargs: { password: 's3cret' },
      options: { queue: 'ext' },
    };
    const { id } = await done(order);
    const first = await watch.engine.findTask(id, AbortSignal.timeout(5_000));

    const report = await again(id);

    expect(report).toMatchObject({ refusal: null, before: { state: 'SUCCESS' }, after: { state: 'PENDING' } });
    expect(report.message).toContain('the result backend');
    await outcome(report);
    await eventually(async () => {
      const second = await watch.engine.findTask(report.newId ?? '', AbortSignal.timeout(5_000));
      expect(second).toMatchObject({ state: 'SUCCESS', name: 'tasks.echo', queue: 'ext', args: first?.args });
      expect(second?.result).toEqual(first?.result);
      expect(second?.result).toEqual([expect.stringContaining('(1.0, 1152921504606846977, '), 's3cret'.length]);
    });
    expect(JSON.stringify(first?.kwargs)).not.toContain('s3cret');
  });

  test('a task without a result is run again with what its events told, types included', async () => {
    const { id, said } = await done({
      name: 'tasks.echo',
      literal: "[1.0, 1.5e-7, 'a', 'ä, b', [True, None]]",
      kwargs: { deep: { x: 2 } },
    });

    const report = await again(id);

    expect(report.message).toContain('its events');
    expect(await outcome(report)).toEqual(said);
  });

  test('a task of which only a text that was cut is known is refused, unless the rest is given', async () => {
    const { id } = await done({ name: 'tasks.echo', args: [LONG], kwargs: { n: 1 } });

    const refused = await again(id);
    const mended = await again(id, { args: ['short'] });

    expect(refused).toMatchObject({ refusal: 'payload', message: expect.stringContaining('original args') });
    expect(refused.newId).toBeUndefined();
    expect(JSON.stringify(await outcome(mended))).toContain('short');
  });

  test('a task that runs is refused, and one that nobody knows is not found', async () => {
    const id = await sender.send({ name: 'tasks.sleep', args: [2] });
    await watch.event(id, 'task-started', 15_000);

    expect(await again(id)).toMatchObject({ refusal: 'state' });
    await expect(again('nosuch')).rejects.toMatchObject({ code: 'task-not-found' });
    await watch.event(id, 'task-succeeded', 15_000);
  });

  test('a new task is sent, now or for later, where its name is listed and its queue known', async () => {
    const send = (name: string, queue: string, delayMs = 0) =>
      watch.engine.send({ name, queue, args: [1, 2], kwargs: {}, delayMs }, AbortSignal.timeout(5_000));

    const now = await send('tasks.add', 'celery');
    const later = await send('tasks.add', 'celery', 1_500);

    expect((await watch.event(now.id, 'task-succeeded', 15_000)).value).toBe(3);
    expect(watch.kindsOf(now.id)[0]).toBe('task-sent');
    const started = await watch.event(later.id, 'task-started', 15_000);
    expect(started.at).toBeGreaterThanOrEqual(later.eta ?? Number.NaN);
    await expect(send('tasks.sleep', 'celery')).rejects.toMatchObject({ code: 'permission-denied' });
    const other = await done({ name: 'tasks.train', args: ['tree'] });
    await expect(again(other.id, { args: ['forest'] })).rejects.toMatchObject({ code: 'permission-denied' });
    await expect(send('tasks.add', 'nosuch')).rejects.toMatchObject({ code: 'queue-not-found' });
  });
});
