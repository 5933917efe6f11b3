import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CommandReport, WorkerCommand } from '../../src/core/worker-control.js';
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

describe('Control of real Celery workers', () => {
  let redis: RedisServer;
  let watch: CeleryWatch;
  let sender: CelerySender;
  const workers: CeleryWorkerProcess[] = [];

  beforeAll(async () => {
    redis = await startRedisServer();
    const broker = `${redis.url}/0`;
    watch = startCeleryWatch({ broker });
    sender = startCelerySender({ broker });
    const environment = { POOL_RESTARTS: '1', BEAT: '1' };
    workers.push(
      startCeleryWorker({
        broker,
        results: `${redis.url}/1`,
        environment,
        name: 'fork',
        concurrency: 1,
        events: false,
      }),
      startCeleryWorker({ broker, name: 'auto', args: ['--autoscale=3,1'], queues: ['auto'] }),
      startCeleryWorker({ broker, name: 'threads', pool: 'threads', queues: ['threads'] }),
    );
    for (const { name } of workers) await watch.workerIs(name, 'online', 30_000);
    await eventually(async () => {
      const { workers: seen } = await watch.inspect();
      expect(seen.map((worker) => worker.queues?.[0]).sort()).toEqual(['auto', 'celery', 'threads']);
    }, PATIENT);
  }, 60_000);

  afterAll(async () => {
    await sender?.stop();
    await Promise.all(workers.map((worker) => worker.stop()));
    await watch?.stop();
    await redis?.stop();
  }, 30_000);

  const tell = (command: WorkerCommand, ...names: readonly string[]): Promise<CommandReport> =>
    watch.engine.command(command, names.length === 0 ? null : names, AbortSignal.timeout(10_000));
  const seen = async (name: string) => (await watch.inspect()).workers.find((worker) => worker.name === name);

  test('a pool grows, and its size is seen', async () => {
    const report = await tell({ kind: 'grow-pool', by: 2 }, 'fork@test');

    expect(report.workers).toEqual([expect.objectContaining({ worker: 'fork@test', answer: 'acknowledged' })]);
    await eventually(async () => expect(await seen('fork@test')).toMatchObject({ poolSize: 3 }), PATIENT);
  });

  test('a pool shrinks, and its size is seen', async () => {
    const before = (await seen('fork@test'))?.poolSize ?? 0;

    const report = await tell({ kind: 'shrink-pool', by: 1 }, 'fork@test');

    expect(report.workers).toEqual([expect.objectContaining({ answer: 'acknowledged' })]);
    await eventually(async () => expect(await seen('fork@test')).toMatchObject({ poolSize: before - 1 }), PATIENT);
  });

  test('a pool of threads refuses to grow, and says so', async () => {
    const report = await tell({ kind: 'grow-pool', by: 1 }, 'threads@test');

    expect(report.outcome).toBe('refused');
    expect(report.workers).toEqual([expect.objectContaining({ worker: 'threads@test', answer: 'refused' })]);
  });

  test('a pool restarts where it may, in new processes, and is refused where it may not', async () => {
    const before = await sender.send({ name: 'tasks.pid' });
    const first = await watch.event(before, 'task-succeeded', 15_000);

    const report = await tell({ kind: 'restart-pool' }, 'fork@test');
    const refused = await tell({ kind: 'restart-pool' }, 'auto@test');

    expect(report.workers).toEqual([expect.objectContaining({ answer: 'acknowledged' })]);
    const after = await sender.send({ name: 'tasks.pid' });
    const second = await watch.event(after, 'task-succeeded', 15_000);
    expect(second.value).not.toBe(first.value);
    expect(refused).toMatchObject({
      outcome: 'refused',
      workers: [{ answer: 'refused', message: expect.stringContaining('Pool restarts not enabled') }],
    });
  });

  test('the bounds of an autoscaling worker are moved; one that does not autoscale refuses', async () => {
    const report = await tell({ kind: 'autoscale', minimum: 2, maximum: 5 }, 'auto@test', 'fork@test');

    expect(report.outcome).toBe('accepted');
    expect(report.workers).toEqual([
      expect.objectContaining({ worker: 'auto@test', answer: 'acknowledged', inEffect: true }),
      expect.objectContaining({ worker: 'fork@test', answer: 'refused', inEffect: false }),
    ]);
    await eventually(
      async () => expect(await seen('auto@test')).toMatchObject({ autoscale: { minimum: 2, maximum: 5 }, poolSize: 2 }),
      PATIENT,
    );
  });

  test('a queue is taken from, and then no more', async () => {
    const waiting = await sender.send({ name: 'tasks.add', args: [1, 2], options: { queue: 'extra' } });

    const added = await tell({ kind: 'add-queue', queue: 'extra' }, 'fork@test');
    await watch.event(waiting, 'task-succeeded', 15_000);
    const cancelled = await tell({ kind: 'cancel-queue', queue: 'extra' }, 'fork@test');

    expect(added).toMatchObject({ outcome: 'done', workers: [{ inEffect: true }] });
    expect(cancelled).toMatchObject({ outcome: 'done', workers: [{ inEffect: true }] });
    await sender.send({ name: 'tasks.add', args: [1, 2], options: { queue: 'extra' } });
    await eventually(async () => {
      const look = await watch.inspect();
      expect(look.queues.find(({ name }) => name === 'extra')).toMatchObject({ length: 1, consumers: 0 });
    }, PATIENT);
  });

  test('a worker tells what it could run, its settings without secrets, and its figures', async () => {
    const told = await watch.engine.inspectWorker('fork@test', AbortSignal.timeout(10_000));

    expect(told.tasks).toEqual(
      expect.arrayContaining([
        { name: 'tasks.add', rateLimit: null, softSeconds: null, hardSeconds: null, maxRetries: 3 },
        { name: 'tasks.soft', rateLimit: null, softSeconds: 1, hardSeconds: null, maxRetries: 3 },
      ]),
    );
    expect(told.settings).toMatchObject({ worker_pool_restarts: true, shop_password: '[redacted]' });
    expect(JSON.stringify(told)).not.toContain('s3cret');
    expect(told.statistics).toMatchObject({ pid: expect.any(Number), total: { 'tasks.pid': expect.any(Number) } });
    expect(told.revoked).toEqual([]);
  });

  test('what its application would have beat send is told as it is configured, and nothing that only a beat knows', async () => {
    const { configuredSchedules = [] } = await watch.inspect();

    const known = { queue: null, cron: null, everyMs: null, told: null, timeZone: null, nextAt: null };
    expect(configuredSchedules).toEqual(
      expect.arrayContaining([
        { ...known, id: 'often', name: 'tasks.add', everyMs: 30_500 },
        { ...known, id: 'daily', name: 'tasks.total', everyMs: 86_430_000, queue: 'mail' },
        {
          ...known,
          id: 'nightly',
          name: 'tasks.total',
          cron: '30 3,4 * * mon-fri',
          timeZone: 'UTC',
          nextAt: expect.any(Number),
        },
        { ...known, id: 'first monday', name: 'tasks.total', cron: '0 0 1-7 * mon', timeZone: 'UTC' },
        { ...known, id: 'rounded', name: 'tasks.add', told: '<freq: 1.50 minutes>' },
      ]),
    );
    expect(configuredSchedules).toHaveLength(5);
    const next = new Date(configuredSchedules.find(({ id }) => id === 'nightly')?.nextAt ?? Number.NaN);
    expect(next.toISOString()).toMatch(/T0[34]:30:00\.000Z$/);
    expect(next.getTime()).toBeGreaterThan(Date.now());
    expect([0, 6]).not.toContain(next.getUTCDay());
  });

  test('a worker that is not there tells nothing of itself', async () => {
    const told = await watch.engine.inspectWorker('nosuch@test', AbortSignal.timeout(10_000));

    expect(told).toEqual({ tasks: null, settings: null, statistics: null, revoked: null });
  });

  test('task events are switched off and on; a worker started with -E refuses, and why is said', async () => {
    await eventually(async () => expect(await seen('fork@test')).toMatchObject({ eventsEnabled: true }), PATIENT);

    const off = await tell({ kind: 'events', enabled: false }, 'fork@test', 'auto@test');
    await eventually(async () => expect(await seen('fork@test')).toMatchObject({ eventsEnabled: false }), PATIENT);
    const unheard = await sender.send({ name: 'tasks.add', args: [1, 1] });
    await eventually(async () => {
      const found = await watch.engine.findTask(unheard, AbortSignal.timeout(5_000));
      expect(found).toMatchObject({ state: 'SUCCESS' });
    }, PATIENT);
    const on = await tell({ kind: 'events', enabled: true }, 'fork@test');
    const heard = await sender.send({ name: 'tasks.add', args: [1, 1] });
    await watch.event(heard, 'task-succeeded', 15_000);

    expect(off.workers).toEqual([
      expect.objectContaining({ worker: 'fork@test', answer: 'acknowledged', inEffect: true }),
      expect.objectContaining({ worker: 'auto@test', answer: 'refused', message: expect.stringContaining('-E') }),
    ]);
    expect(on.outcome).toBe('done');
    expect(watch.kindsOf(unheard)).not.toContain('task-started');
  });

  test('a rate limit is set, holds, and is lifted', async () => {
    const set = await tell({ kind: 'rate-limit', task: 'tasks.add', limit: '1/h' });
    const ids = await sender.sendMany({ name: 'tasks.add', args: [1, 1], times: 2 });
    await Promise.all(ids.map((id) => watch.event(id, 'task-received', 15_000)));
    await eventually(
      () => expect(ids.filter((id) => watch.kindsOf(id).includes('task-succeeded'))).toHaveLength(1),
      PATIENT,
    );

    const lifted = await tell({ kind: 'rate-limit', task: 'tasks.add', limit: null });
    const unknown = await tell({ kind: 'rate-limit', task: 'tasks.nosuch', limit: '1/s' });

    expect(set).toMatchObject({ outcome: 'done' });
    expect(set.workers.map(({ worker }) => worker).sort()).toEqual(['auto@test', 'fork@test', 'threads@test']);
    expect(lifted).toMatchObject({ outcome: 'done' });
    expect(unknown).toMatchObject({ outcome: 'refused', message: expect.stringContaining('unknown task') });
    const free = await sender.send({ name: 'tasks.add', args: [2, 2] });
    await watch.event(free, 'task-succeeded', 15_000);
  });

  test('a time limit is accepted, and ends tasks that run longer once the pool has restarted', async () => {
    const limit = { kind: 'time-limit', task: 'tasks.sleep', softSeconds: null, hardSeconds: 1 } as const;
    const report = await tell(limit, 'fork@test');

    await tell({ kind: 'restart-pool' }, 'fork@test');
    const id = await sender.send({ name: 'tasks.sleep', args: [60] });

    expect(report).toMatchObject({ outcome: 'accepted', workers: [{ answer: 'acknowledged', inEffect: false }] });
    expect(await watch.event(id, 'task-failed', 20_000)).toMatchObject({ timedOut: true });
  });

  test('a worker is shut down, and has said goodbye', async () => {
    const report = await tell({ kind: 'shutdown' }, 'threads@test', 'nosuch@test');

    expect(report.workers).toEqual([
      expect.objectContaining({ worker: 'threads@test', answer: 'acknowledged', inEffect: true }),
      expect.objectContaining({ worker: 'nosuch@test', answer: 'silent', inEffect: false }),
    ]);
    await watch.workerIs('threads@test', 'offline');
  });

  test('a stamp is refused by a Celery that knows none', async () => {
    expect(watch.engine.capabilities.has('revoke-stamped')).toBe(false);

    const telling = tell({ kind: 'revoke-stamped', stamps: { tenant: ['a'] }, terminate: false, signal: null });

    await expect(telling).rejects.toMatchObject({ code: 'not-supported' });
  });
});
