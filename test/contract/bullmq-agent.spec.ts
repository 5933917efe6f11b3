import { afterEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { type Agent, createAgent } from '../../agent/agent.js';
import { agentKeys } from '../../agent/protocol.js';
import type { BullWorker } from '../support/bull-worker.js';
import { startBullmqAgentWorker } from '../support/bullmq-agent-worker.js';
import { BULLMQ_MAJORS, BullmqApp, type BullmqMajor } from '../support/bullmq-app.js';
import { bullmqEngine } from '../support/bullmq-watched.js';
import { eventually } from '../support/eventually.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { Watched, watchBull } from './watched.js';

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

interface Scene {
  readonly redis: RedisServer;
  readonly raw: Redis;
  readonly app: BullmqApp;
  readonly watched: Watched;
}

async function scene(major: BullmqMajor = 6): Promise<Scene> {
  const redis = await startRedisServer({ args: ['--appendonly', 'no'] });
  const raw = new Redis(redis.url, { maxRetriesPerRequest: null });
  const app = new BullmqApp(redis.port, major);
  const watched = new Watched(bullmqEngine(redis.url));
  endings.push(
    () => redis.stop(),
    () => raw.disconnect(),
    () => app.close(),
    () => watched.engine.stop(),
  );
  await watched.connected();
  return { redis, raw, app, watched };
}

/** A worker in this process; its queue is known, and the source knows its agent. */
async function agentWorker({ redis, app, watched }: Scene, queue: string, worker: string): Promise<Agent> {
  const agent = createAgent({ redis: redis.url, worker, heartbeatMs: 300, log: () => undefined });
  app.queue(queue);
  agent.instrument(await app.work(queue, { concurrency: 5 }));
  endings.push(() => agent.close());
  await watched.knows(queue);
  await eventually(async () => {
    const found = (await watched.look()).workers.find(({ name }) => name === worker);
    expect(found).toMatchObject({ agent: true, status: 'online', queues: [queue] });
  });
  return agent;
}

async function workerProcess({ redis, watched, app }: Scene, major: BullmqMajor, queue: string): Promise<BullWorker> {
  app.queue(queue);
  await watched.knows(queue);
  const worker = await startBullmqAgentWorker({ major, port: redis.port, queue, concurrency: 5 });
  endings.push(() => worker.kill());
  await eventually(async () => {
    const { workers } = await watched.look();
    expect(workers.some(({ agent, pid, queues }) => agent && pid === worker.pid && queues?.includes(queue))).toBe(true);
  });
  return worker;
}

/** Nothing stays behind in Redis. */
const GONE = { removeOnComplete: true, removeOnFail: true };

/** By kind and name, as counters would say; retries by their reason too. */
function counted(watched: Watched): Readonly<Record<string, number>> {
  const facts = new Map(
    watched
      .tasks()
      .filter(({ kind }) => ['task-succeeded', 'task-failed', 'task-retried', 'task-revoked'].includes(kind))
      .map((event) => [`${event.kind} ${event.id} ${event.occurrence}`, event]),
  );
  const counts: Record<string, number> = {};
  for (const { kind, name, error } of facts.values()) {
    const key = `${name} ${kind.slice(5)}${kind === 'task-retried' ? ` ${error?.type}` : ''}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

describe.each(BULLMQ_MAJORS)('With the agent in workers of BullMQ %i', (major) => {
  test('every attempt is counted once, by name and outcome, with the worker and its own time', async () => {
    const s = await scene(major);
    const [first, second] = [await workerProcess(s, major, 'truth'), await workerProcess(s, major, 'truth')];
    const jobs = [
      ...Array.from({ length: 500 }, (_, n) => ({ name: 'ok', data: { n }, opts: GONE })),
      ...Array.from({ length: 50 }, () => ({ name: 'fail', data: {}, opts: GONE })),
      ...Array.from({ length: 30 }, () => ({ name: 'retry', data: {}, opts: { ...GONE, attempts: 3, backoff: 5 } })),
      ...Array.from({ length: 10 }, () => ({ name: 'hopeless', data: {}, opts: { ...GONE, attempts: 5 } })),
      ...Array.from({ length: 10 }, () => ({ name: 'patient', data: {}, opts: { ...GONE, attempts: 2 } })),
    ];
    await s.app.queue('truth').addBulk(jobs);

    await eventually(
      () =>
        expect(counted(s.watched)).toEqual({
          'truth.ok succeeded': 500,
          'truth.fail failed': 50,
          'truth.retry retried QuotaExceeded': 60,
          'truth.retry succeeded': 30,
          'truth.hopeless failed': 10,
          'truth.patient succeeded': 10,
        }),
      { within: 20_000 },
    );
    const ends = s.watched.tasks('task-succeeded');
    const names = new Set((await s.watched.look()).workers.filter(({ agent }) => agent).map(({ name }) => name));
    expect(names.size).toBe(2);
    expect(ends.filter(({ worker }) => !names.has(worker ?? ''))).toEqual([]);
    // Redis' clock has whole milliseconds; a worker's own has more.
    expect(ends.some(({ runtimeMs }) => runtimeMs !== null && !Number.isInteger(runtimeMs))).toBe(true);
    expect(s.watched.reconciled()).toEqual([]);
    expect(s.watched.gaps()).toEqual([]);
    await Promise.all([first.close(), second.close()]);
  }, 60_000);
});

describe('With the agent in BullMQ workers', () => {
  test('a task that is told to stop is revoked, also where its job failed with an error of its own', async () => {
    const s = await scene();
    const worker = await workerProcess(s, 6, 'stop');
    const jobId = await s.app.add('stop', { ms: 60_000 }, { attempts: 5 }, 'obedient');
    const id = `stop:${jobId}`;
    await eventually(() => expect(s.watched.tasks('task-started').some((event) => event.id === id)).toBe(true));

    const report = await s.watched.engine.revoke(id, { terminate: true, signal: null }, AbortSignal.timeout(10_000));

    expect(report).toMatchObject({ outcome: 'accepted', workers: [{ answer: 'acknowledged' }] });
    await eventually(() =>
      expect(s.watched.tasks('task-revoked')).toEqual([
        expect.objectContaining({ id, occurrence: 1, error: expect.objectContaining({ type: 'AbortError' }) }),
      ]),
    );
    expect(s.watched.tasks('task-failed')).toEqual([]);
    await worker.close();
  }, 30_000);

  test('agent and ordinary workers share a queue, and nothing counts twice or waits for ever', async () => {
    const s = await scene();
    await agentWorker(s, 'mail', 'w1');
    await s.app.work('mail', { concurrency: 5 });
    await eventually(async () => expect((await s.watched.look()).queues[0]?.consumers).toBe(2));

    await s.app
      .queue('mail')
      .addBulk(Array.from({ length: 600 }, (_, n) => ({ name: 'job', data: { n }, opts: GONE })));

    await eventually(() => expect(s.watched.distinct('task-succeeded')).toBe(600), { within: 20_000 });
    const by = s.watched.tasks('task-succeeded').map(({ worker }) => worker === 'w1');
    expect([by.includes(true), by.includes(false)]).toEqual([true, true]);
    expect(s.watched.reconciled()).toEqual([]);
  }, 40_000);

  test('what was cut off the stream is told by the agents, with names', async () => {
    const s = await scene();
    await agentWorker(s, 'mail', 'w1');
    const queue = s.app.queue('mail');
    await queue.pause();
    await queue.addBulk(
      Array.from({ length: 300 }, (_, n) => ({
        name: n % 2 ? 'odd' : 'even',
        data: n % 3 ? { n } : { n, fail: 'no' },
        opts: GONE,
      })),
    );
    await eventually(() => expect(s.watched.distinct('task-sent')).toBe(300), { within: 10_000 });
    // Nobody can read what is deleted in the same transaction in which it is written.
    const cut = setInterval(() => void s.raw.xtrim('bull:mail:events', 'MAXLEN', 0), 1);
    endings.push(() => clearInterval(cut));

    await queue.resume();

    await eventually(
      () =>
        expect(counted(s.watched)).toEqual({
          'mail.even succeeded': 100,
          'mail.odd succeeded': 100,
          'mail.even failed': 50,
          'mail.odd failed': 50,
        }),
      { within: 20_000 },
    );
    clearInterval(cut);
    await s.app.add('mail', {}, GONE);
    // The books are balanced with what the agent has told: no end is missing, and none is made up.
    await eventually(() => expect(s.watched.gaps().length).toBeGreaterThan(0), { within: 15_000 });
    expect(s.watched.reconciled()).toEqual([]);
  }, 50_000);

  test('its worker is none of the Bull source in the same Redis', async () => {
    const s = await scene();
    const bull = watchBull(s.redis.url);
    endings.push(() => bull.engine.stop());

    await agentWorker(s, 'mail', 'w1');

    await eventually(async () => expect(await s.raw.zcard(agentKeys.agents)).toBe(1));
    expect((await bull.look()).workers).toEqual([]);
    expect((await s.watched.look()).workers).toEqual([
      expect.objectContaining({ name: 'w1', engine: 'bullmq', poolSize: 5, agent: true }),
    ]);
  }, 30_000);
});
