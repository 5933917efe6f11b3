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

describe('Celery over Redis, with a prefork worker', () => {
  let redis: RedisServer;
  let worker: CeleryWorkerProcess;
  let sender: CelerySender;
  let watch: CeleryWatch;

  beforeAll(async () => {
    redis = await startRedisServer();
    const application = { broker: `${redis.url}/0`, results: `${redis.url}/1` };
    watch = startCeleryWatch({ broker: `${redis.url}/0`, results: `${redis.url}/1` });
    worker = startCeleryWorker({ ...application, name: 'w1', concurrency: 2 });
    sender = startCelerySender(application);
    await watch.workerIs('w1@test', 'online', 20_000);
    await eventually(async () => expect((await watch.inspect()).workers[0]?.queues).toEqual(['celery']));
  }, 30_000);

  afterAll(async () => {
    await sender?.stop();
    await worker?.stop();
    await watch?.stop();
    await redis?.stop();
  });

  test('tells success with its result, its run time and its worker', async () => {
    const id = await sender.send({ name: 'tasks.train', args: ['forest'] });

    const done = await watch.event(id, 'task-succeeded');

    expect(done).toMatchObject({
      name: 'tasks.train',
      queue: 'celery',
      worker: 'w1@test',
      value: { model_type: 'forest', task_type: 'classification', training_time: 1.5, train_samples: 100 },
    });
    expect(done.runtimeMs).toBeGreaterThanOrEqual(0);
    expect(watch.kindsOf(id)).toEqual(['task-received', 'task-started', 'task-succeeded']);
  });

  test('tells failure by class and message', async () => {
    const id = await sender.send({ name: 'tasks.fail', args: ['b\u00e4d'] });

    const failed = await watch.event(id, 'task-failed');

    expect(failed.error).toEqual({ type: 'ValueError', message: 'b\u00e4d' });
    expect(failed.timedOut).toBe(false);
    const detail = await watch.engine.findTask(id, AbortSignal.timeout(5_000));
    expect(detail).toMatchObject({ state: 'FAILURE', args: ['b\u00e4d'], error: { type: 'ValueError' } });
    expect(detail?.traceback).toContain('raise ValueError(message)');
  });

  test('tells each retry with its reason', async () => {
    const id = await sender.send({ name: 'tasks.flaky', args: [2] });

    await watch.event(id, 'task-succeeded');

    const retries = watch.eventsOf(id).filter((event) => event.kind === 'task-retried');
    expect(retries.map((event) => event.error)).toEqual([
      { type: 'ConnectionError', message: 'attempt 0' },
      { type: 'ConnectionError', message: 'attempt 1' },
    ]);
  });

  test.each([
    ['soft', 'SoftTimeLimitExceeded'],
    ['hard', 'TimeLimitExceeded'],
  ])('tells a %s time limit as timed out', async (name, type) => {
    const id = await sender.send({ name: `tasks.${name}`, args: [30] });

    const failed = await watch.event(id, 'task-failed', 10_000);

    expect(failed).toMatchObject({ timedOut: true, error: { type } });
  });

  test('shows running, fetched and scheduled tasks where they are', async () => {
    const [busy] = [await sender.sendMany({ name: 'tasks.sleep', args: [3], times: 4 })];
    const later = await sender.send({ name: 'tasks.add', args: [1, 2], options: { countdown: 60 } });

    const look = await eventually(
      async () => {
        const snapshot = await watch.inspect();
        expect(snapshot.active.total).toBe(2);
        expect(snapshot.reserved.total).toBe(2);
        expect(snapshot.scheduled.tasks.map((task) => task.id)).toEqual([later]);
        return snapshot;
      },
      { within: 5_000, every: 200 },
    );

    expect(look.activeByName).toEqual(new Map([['tasks.sleep', 2]]));
    expect(busy).toContain(look.active.tasks[0]?.id);
    expect(look.active.tasks[0]).toMatchObject({ state: 'STARTED', worker: 'w1@test', queue: 'celery' });
    expect(look.scheduled.tasks[0]?.eta).toBeGreaterThan(Date.now());
    expect(look.queues).toEqual([expect.objectContaining({ name: 'celery', active: 2, delayed: 1, consumers: 1 })]);
    expect(look.workers).toEqual([
      expect.objectContaining({
        name: 'w1@test',
        status: 'online',
        poolSize: 2,
        busy: 2,
        queues: ['celery'],
        software: 'celery 5.2.6',
      }),
    ]);
    const held = await watch.engine.findTask(later, AbortSignal.timeout(5_000));
    expect(held).toMatchObject({ state: 'RECEIVED', args: [1, 2], worker: 'w1@test' });
    expect((await watch.revoke(later)).outcome).toBe('revoked');
    await Promise.all(busy.map((id) => watch.event(id, 'task-succeeded', 15_000)));
  }, 40_000);

  test('terminates a running task and proves it', async () => {
    const id = await sender.send({ name: 'tasks.sleep', args: [60] });
    await watch.event(id, 'task-started');

    const goesOn = await watch.revoke(id);
    // As Celery 5.6 does, although the task runs on.
    const store = new Redis(`${redis.url}/1`);
    await store.set(
      `celery-task-meta-${id}`,
      JSON.stringify({ status: 'REVOKED', result: null, date_done: '2026-01-02T03:04:05' }),
    );
    store.disconnect();
    expect(await watch.engine.findTask(id, AbortSignal.timeout(5_000))).toMatchObject({ state: 'STARTED' });
    const report = await watch.revoke(id, { terminate: true, signal: 'SIGKILL' });

    expect(goesOn.outcome).toBe('too-late');
    expect(report.outcome).toBe('revoked');
    expect(report.workers).toEqual([expect.objectContaining({ worker: 'w1@test', answer: 'acknowledged' })]);
  });

  test('says that a finished task cannot be revoked', async () => {
    const id = await sender.send({ name: 'tasks.add', args: [1, 1] });
    await watch.event(id, 'task-succeeded');

    expect((await watch.revoke(id)).outcome).toBe('too-late');
  });

  test('reads results that are no JSON without rounding them', async () => {
    const id = await sender.send({ name: 'tasks.odd' });
    await watch.event(id, 'task-succeeded');

    const detail = await watch.engine.findTask(id, AbortSignal.timeout(5_000));

    expect(detail?.result).toEqual({ nan: 'NaN', big: '9223372036854775808', text: 'b\u00e4d \u2717' });
  });
});
