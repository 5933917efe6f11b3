import { afterEach, describe, expect, test } from '@jest/globals';
import { type CeleryWatch, startCeleryWatch } from '../support/celery-watch.js';
import {
  type CelerySender,
  type CeleryWorkerProcess,
  startCelerySender,
  startCeleryWorker,
} from '../support/celery-worker.js';
import { eventually } from '../support/eventually.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';

const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
}, 30_000);

interface Stage {
  readonly redis: RedisServer;
  readonly watch: CeleryWatch;
  readonly sender: CelerySender;
  readonly broker: string;
  readonly results: string;
}

async function stage(options: Parameters<typeof startCeleryWatch>[0]['engine'] = {}): Promise<Stage> {
  const redis = await startRedisServer();
  endings.push(() => redis.stop());
  const broker = `${redis.url}/0`;
  const results = `${redis.url}/1`;
  const sender = startCelerySender({ broker });
  endings.push(() => sender.stop());
  const watch = startCeleryWatch({ broker, engine: options });
  endings.push(() => watch.stop());
  return { redis, watch, sender, broker, results };
}

function worker(options: Parameters<typeof startCeleryWorker>[0]): CeleryWorkerProcess {
  const started = startCeleryWorker(options);
  endings.push(() => started.stop());
  return started;
}

describe('A Celery worker', () => {
  test('that is killed is lost within three heartbeats, and its tasks are not left running', async () => {
    const { watch, sender, broker } = await stage();
    const doomed = worker({ broker, name: 'doomed', concurrency: 1 });
    await watch.workerIs('doomed@test', 'online', 20_000);
    const running = await sender.send({ name: 'tasks.sleep', args: [60] });
    await watch.event(running, 'task-started');
    const fetched = await sender.send({ name: 'tasks.sleep', args: [60] });
    await watch.event(fetched, 'task-received');

    await doomed.kill();
    const killedAt = Date.now();
    const lost = await watch.workerIs('doomed@test', 'lost', 9_000);

    // Three heartbeats of two seconds after the last one, which was up to two seconds before.
    expect(Date.now() - killedAt).toBeLessThan(6_800);
    expect(lost.busy).toBe(0);
    expect(watch.kindsOf(fetched)).toContain('task-requeued');
    expect(watch.kindsOf(running)).toEqual(['task-received', 'task-started', 'task-lost']);
    expect(watch.gaps()).toEqual([expect.objectContaining({ reason: 'worker-lost', missed: 1, exactness: 'at_most' })]);
    const look = await watch.inspect();
    expect(look.active.total).toBe(0);
    expect(look.workers).toEqual([]);
    expect(look.queues[0]).toMatchObject({ name: 'celery', consumers: 0, unacknowledged: 1 });
  }, 60_000);

  test('that is killed and back under its name at once leaves nothing running', async () => {
    const { watch, sender, broker } = await stage();
    const doomed = worker({ broker, name: 'w', concurrency: 1 });
    await watch.workerIs('w@test', 'online', 20_000);
    const running = await sender.send({ name: 'tasks.sleep', args: [60] });
    await watch.event(running, 'task-started');

    await doomed.kill();
    worker({ broker, name: 'w', concurrency: 1 });

    await watch.event(running, 'task-lost', 20_000);
    expect(watch.gaps()).toEqual([expect.objectContaining({ reason: 'worker-lost', missed: 1, exactness: 'at_most' })]);
    await eventually(async () => expect((await watch.inspect()).active.total).toBe(0));
    expect(watch.worker('w@test')?.status).toBe('online');
  }, 60_000);

  test.each(['prefork', 'threads'] as const)(
    'of the pool %s that is told to stop finishes its task, and has gone for good',
    async (pool) => {
      const { watch, sender, broker } = await stage();
      const leaving = worker({ broker, name: 'w', concurrency: 1, pool });
      await watch.workerIs('w@test', 'online', 20_000);
      const id = await sender.send({ name: 'tasks.sleep', args: [3] });
      await eventually(async () => expect((await watch.inspect()).active.total).toBe(1), { within: 20_000 });

      process.kill(leaving.pid, 'SIGTERM');

      await watch.event(id, 'task-succeeded', 20_000);
      await watch.workerIs('w@test', 'offline');
      expect(watch.kindsOf(id)).toEqual(['task-received', 'task-started', 'task-succeeded']);
    },
    60_000,
  );

  test('that was started without -E has its events switched on, and is watched from then on', async () => {
    const { watch, sender, broker } = await stage();
    worker({ broker, name: 'mute', events: false });
    await watch.workerIs('mute@test', 'online', 20_000);
    await eventually(async () => expect((await watch.inspect()).workers[0]?.eventsEnabled).toBe(true));

    const id = await sender.send({ name: 'tasks.add', args: [1, 2] });

    expect((await watch.event(id, 'task-succeeded')).value).toBe(3);
  }, 60_000);

  test('whose events may not be switched on is known by its own counts, and what it hides is told as a gap', async () => {
    const { watch, sender, broker } = await stage({ control: false });
    worker({ broker, name: 'mute', events: false });
    await watch.workerIs('mute@test', 'online', 20_000);

    await sender.sendMany({ name: 'tasks.add', args: [1, 2], times: 7 });

    await eventually(
      () =>
        expect(watch.gaps()).toEqual([
          expect.objectContaining({ reason: 'events-off', missed: 7, exactness: 'exact' }),
        ]),
      { within: 15_000 },
    );
    expect(watch.engine.capabilities.has('revoke-waiting')).toBe(false);
  }, 60_000);

  test('of the solo pool is silent while busy, and lost when it dies', async () => {
    const { watch, sender, broker } = await stage();
    const solo = worker({ broker, name: 'solo', pool: 'solo' });
    await watch.workerIs('solo@test', 'online', 20_000);
    await eventually(async () => expect((await watch.inspect()).workers[0]?.poolSize).toBe(1));
    const id = await sender.send({ name: 'tasks.sleep', args: [25] });

    await watch.workerIs('solo@test', 'silent', 15_000);
    const look = await watch.inspect();
    // It answers once the task has ended: nobody has waited for that.
    expect(watch.kindsOf(id)).not.toContain('task-succeeded');
    expect(look.workers).toEqual([
      expect.objectContaining({ name: 'solo@test', status: 'silent', queues: ['celery'] }),
    ]);

    await solo.kill();
    await watch.workerIs('solo@test', 'lost', 12_000);
  }, 60_000);

  test('of the threads pool cannot stop a task, and that is said', async () => {
    const { watch, sender, broker } = await stage();
    worker({ broker, name: 'threads', pool: 'threads' });
    await watch.workerIs('threads@test', 'online', 20_000);
    await eventually(async () => expect((await watch.inspect()).workers[0]?.queues).toEqual(['celery']));
    const id = await sender.send({ name: 'tasks.sleep', args: [3] });
    // Not by its event: this pool's last ones may be stuck in it until the next.
    await eventually(async () => expect((await watch.inspect()).active.tasks.map((task) => task.id)).toEqual([id]));

    const report = await watch.revoke(id, { terminate: true, signal: null });

    expect(report.outcome).toBe('unacknowledged');
    expect(report.workers).toEqual([expect.objectContaining({ worker: 'threads@test', answer: 'refused' })]);
  }, 60_000);

  test('that joins later is told what was revoked before', async () => {
    const { watch, sender, broker } = await stage();
    await eventually(() => expect(watch.engine.status().connection).toBe('connected'));
    const id = await sender.send({ name: 'tasks.add', args: [1, 2], options: { countdown: 8 } });

    const report = await watch.revoke(id);
    worker({ broker, name: 'late' });
    await watch.workerIs('late@test', 'online', 20_000);
    await watch.event(id, 'task-revoked', 15_000);

    expect(report.outcome).toBe('unacknowledged');
    expect(watch.kindsOf(id)).not.toContain('task-started');
  }, 60_000);
});

describe('When Redis restarts', () => {
  test('the watch comes back, no worker is lost, and what was missed is counted exactly', async () => {
    const { redis, watch, sender, broker, results } = await stage();
    worker({ broker, results, name: 'w', args: ['--without-gossip'] });
    await watch.workerIs('w@test', 'online', 20_000);
    await eventually(async () => expect((await watch.inspect()).workers[0]?.queues).toEqual(['celery']));
    const before = await sender.send({ name: 'tasks.add', args: [1, 1] });
    await watch.event(before, 'task-succeeded');
    const during = await sender.send({ name: 'tasks.sleep', args: [3] });
    await watch.event(during, 'task-started');

    await redis.restart();
    await eventually(() => expect(watch.engine.status().connection).toBe('connected'), { within: 15_000 });
    const ids = await eventually(() => sender.sendMany({ name: 'tasks.add', args: [1, 1], times: 20 }), {
      within: 20_000,
    });
    // This Celery loses the event of a task that ends while its broker is away; its result is there.
    expect((await watch.event(during, 'task-succeeded', 30_000)).value).toBe(3);
    await eventually(() => expect(watch.count('task-succeeded')).toBe(22), { within: 20_000 });

    expect(watch.kindsOf(ids[0] ?? '')).toContain('task-succeeded');
    await eventually(
      () =>
        expect(watch.gaps()).toEqual([
          expect.objectContaining({ reason: 'disconnected', missed: 0, exactness: 'exact' }),
        ]),
      { within: 32_000 },
    );
    expect(watch.worker('w@test')?.status).toBe('online');
  }, 120_000);
});
