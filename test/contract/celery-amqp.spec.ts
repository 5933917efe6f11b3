import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DEFAULT_NAMES } from '../../src/engines/celery/celery-settings.js';
import { type CeleryWatch, startCeleryWatch } from '../support/celery-watch.js';
import {
  type CelerySender,
  type CeleryWorkerProcess,
  startCelerySender,
  startCeleryWorker,
} from '../support/celery-worker.js';
import { eventually } from '../support/eventually.js';
import { type RabbitServer, startRabbitServer } from '../support/rabbitmq-server.js';

describe('Celery over RabbitMQ', () => {
  let rabbit: RabbitServer;
  let worker: CeleryWorkerProcess;
  let sender: CelerySender;
  let watch: CeleryWatch;

  beforeAll(async () => {
    rabbit = await startRabbitServer();
    const application = { broker: rabbit.url };
    watch = startCeleryWatch({ broker: rabbit.url, engine: { sendable: ['tasks.add'] } });
    worker = startCeleryWorker({ ...application, name: 'r1', concurrency: 1, queues: ['celery', 'other'] });
    sender = startCelerySender({ ...application, environment: { SENT_EVENTS: '1', QUEUES: 'celery,other,nobody' } });
    await watch.workerIs('r1@test', 'online', 30_000);
    await eventually(async () => expect((await watch.inspect()).workers[0]?.queues).toEqual(['celery', 'other']));
  }, 120_000);

  afterAll(async () => {
    await sender?.stop();
    await worker?.stop();
    await watch?.stop();
    await rabbit?.stop();
  }, 30_000);

  test('tells a task from its sending to its result', async () => {
    const id = await sender.send({ name: 'tasks.add', args: [2, 3], options: { queue: 'other' } });

    const done = await watch.event(id, 'task-succeeded');

    expect(done).toMatchObject({ name: 'tasks.add', worker: 'r1@test', value: 5 });
    // By another connection: on a busy machine it comes last.
    expect(await watch.event(id, 'task-sent')).toMatchObject({ name: 'tasks.add', queue: 'other' });
    expect(new Set(watch.kindsOf(id))).toEqual(
      new Set(['task-sent', 'task-received', 'task-started', 'task-succeeded']),
    );
  });

  test('tells which broker it is, and nothing that only its management knows', async () => {
    const facts = await watch.engine.broker(AbortSignal.timeout(5_000));

    expect(facts).toMatchObject({ product: 'RabbitMQ', version: expect.stringMatching(/^\d+\.\d+/), blocked: null });
    expect(facts?.memory.usedBytes).toBeNull();
    expect(facts?.clients.connected).toBeNull();
  });

  test('says that the broker takes no messages while it is short of memory', async () => {
    await rabbit.control('set_vm_memory_high_watermark', 'absolute', '1MB');
    // RabbitMQ tells whoever tries to publish, as asking the workers does, and then reads nothing more from that connection.
    const unanswered = watch.inspect().catch(() => null);
    try {
      await eventually(
        async () => {
          const facts = await watch.engine.broker(AbortSignal.timeout(5_000));
          expect(facts?.blocked).toMatch(/memory/);
        },
        { within: 20_000 },
      );
    } finally {
      await rabbit.control('set_vm_memory_high_watermark', '0.4');
      await unanswered;
    }
    await eventually(async () => expect((await watch.engine.broker(AbortSignal.timeout(5_000)))?.blocked).toBeNull(), {
      within: 20_000,
    });
  });

  test('shows what waits, also where nobody consumes', async () => {
    await sender.sendMany({ name: 'tasks.add', args: [1, 1], options: { queue: 'nobody' }, times: 3 });

    const queues = await eventually(async () => {
      const snapshot = await watch.inspect();
      const nobody = snapshot.queues.find((queue) => queue.name === 'nobody');
      expect(nobody).toMatchObject({ length: 3, consumers: 0 });
      return snapshot.queues;
    });

    expect(queues.map((queue) => queue.name).sort()).toEqual(['celery', 'nobody', 'other']);
    expect(queues.find((queue) => queue.name === 'celery')).toMatchObject({
      length: 0,
      consumers: 1,
      unacknowledged: null,
    });
  });

  test('drains a queue of as many tasks as expected, and of none where there are more', async () => {
    const drain = (atMost: number) => {
      const request = { action: { kind: 'drain', delayed: false }, atMost, dryRun: false } as const;
      return watch.engine.actOnQueue('nobody', request, AbortSignal.timeout(5_000));
    };

    await expect(drain(2)).rejects.toMatchObject({ code: 'count-exceeded', details: { found_count: 3 } });
    const drained = await drain(3);

    expect(drained).toMatchObject({ matched: 3, removed: 3, after: { waiting: 0 } });
    expect(watch.engine.capabilities.has('peek-queue')).toBe(false);
  });

  test('revokes a waiting task, and stops a running one, with proof', async () => {
    const running = await sender.send({ name: 'tasks.sleep', args: [30] });
    await watch.event(running, 'task-started');
    const waiting = await sender.send({ name: 'tasks.sleep', args: [30] });
    await watch.event(waiting, 'task-received');

    const kept = await watch.revoke(waiting);
    const stopped = await watch.revoke(running, { terminate: true, signal: null });

    expect(kept.outcome).toBe('revoked');
    expect(stopped.outcome).toBe('revoked');
    await watch.event(waiting, 'task-revoked');
    expect(watch.kindsOf(waiting)).not.toContain('task-started');
  });

  test('runs a finished task again, and sends a new one, if there is such a queue', async () => {
    const signal = AbortSignal.timeout(20_000);
    const first = await sender.send({ name: 'tasks.add', args: [2, 3], options: { queue: 'other' } });
    await watch.event(first, 'task-succeeded');
    await watch.event(first, 'task-sent');

    const report = await watch.engine.act(first, { kind: 'retry', resetAttempts: false }, signal);
    const order = { name: 'tasks.add', args: [], kwargs: { x: 3, y: 4 }, delayMs: 0 } as const;
    const sent = await watch.engine.send({ ...order, queue: 'celery' }, signal);

    expect(await watch.event(report.newId ?? '', 'task-succeeded')).toMatchObject({ value: 5, queue: 'other' });
    expect(await watch.event(sent.id, 'task-succeeded')).toMatchObject({ value: 7, name: 'tasks.add' });
    await rabbit.control('delete_queue', 'nobody');
    const then = AbortSignal.timeout(20_000);
    await expect(watch.engine.send({ ...order, queue: 'nobody' }, then)).rejects.toMatchObject({
      code: 'queue-not-found',
    });
  });

  test('keeps events while nobody reads them, and until they are stored, in a queue of its own', async () => {
    const start = (): CeleryWatch =>
      startCeleryWatch({ broker: rabbit.url, engine: { names: { ...DEFAULT_NAMES, eventQueue: 'taskscope.kept' } } });
    const connected = (kept: CeleryWatch) =>
      eventually(() => expect(kept.engine.status().connection).toBe('connected'), { within: 15_000 });
    const work = async (times: number): Promise<void> => {
      const ids = await sender.sendMany({ name: 'tasks.add', args: [1, 1], times });
      for (const id of ids) await watch.event(id, 'task-succeeded', 15_000);
    };
    const hears = (kept: CeleryWatch, count: number) =>
      eventually(() => expect(kept.count('task-succeeded')).toBe(count), { within: 15_000 });
    const first = start();
    await connected(first);
    await first.stop();
    await work(5);

    const second = start();
    await hears(second, 5);
    second.engine.position();
    await work(3);
    await hears(second, 8);
    await second.stop();
    const third = start();
    await hears(third, 3);
    await third.stop();
    await rabbit.control('delete_queue', 'taskscope.kept');
  }, 60_000);

  test('comes back when the broker was killed, and says what it missed', async () => {
    await rabbit.kill();
    await eventually(() => expect(watch.engine.status()).toMatchObject({ connection: 'disconnected' }), {
      within: 10_000,
    });
    await rabbit.restart();

    await eventually(() => expect(watch.engine.status().connection).toBe('connected'), { within: 20_000 });
    await watch.workerIs('r1@test', 'online', 20_000);
    const id = await sender.send({ name: 'tasks.add', args: [4, 5] });
    const done = await watch.event(id, 'task-succeeded', 20_000);

    expect(done.value).toBe(9);
    await eventually(() => expect(watch.gaps()).toEqual([expect.objectContaining({ reason: 'disconnected' })]), {
      within: 35_000,
    });
  }, 120_000);
});
