import { afterEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { type Agent, abortSignal, createAgent } from '../../agent/agent.js';
import { agentKeys } from '../../agent/protocol.js';
import { eventually } from '../support/eventually.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { BullApp } from './bull-app.js';
import { type Watched, watchBull } from './watched.js';

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

interface Scene {
  readonly redis: RedisServer;
  readonly raw: Redis;
  readonly app: BullApp;
  readonly watched: Watched;
}

async function scene(): Promise<Scene> {
  const redis = await startRedisServer();
  const raw = new Redis(redis.url, { maxRetriesPerRequest: null });
  raw.on('error', () => undefined); // tests take Redis away
  const app = new BullApp(redis.url);
  const watched = watchBull(redis.url);
  endings.push(
    () => redis.stop(),
    () => raw.disconnect(),
    () => app.close(),
    () => watched.engine.stop(),
  );
  await watched.connected();
  return { redis, raw, app, watched };
}

async function agentWorker(
  { redis, app, watched }: Scene,
  queue: string,
  worker: string,
  concurrency = 5,
): Promise<Agent> {
  const agent = createAgent({ redis: redis.url, worker, heartbeatMs: 300, log: () => undefined });
  agent.instrument(
    await app.work(queue, {
      concurrency,
      settings: { lockDuration: 3_000, stalledInterval: 1_000, retryProcessDelay: 200 },
    }),
  );
  endings.push(() => agent.close());
  await eventually(async () => {
    expect((await watched.look()).workers.map(({ name }) => name)).toContain(worker);
  });
  return agent;
}

const jobs = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    name: n % 2 ? 'odd' : 'even',
    data: n % 10 === 0 ? { fail: 'no', failures: n % 20 === 0 ? 1 : 9 } : { result: n },
    opts: { removeOnComplete: true, removeOnFail: true, attempts: 2 },
  }));

/** What counters would say: distinct facts, and what was only told as a number. */
function counted(watched: Watched, kind: 'task-succeeded' | 'task-failed' | 'task-retried', name: string): number {
  const outcome = { 'task-succeeded': 'success', 'task-failed': 'failure', 'task-retried': 'retry' }[kind];
  const facts = new Set(
    watched
      .tasks(kind)
      .filter((event) => event.name === name)
      .map((event) => `${event.id} ${event.occurrence}`),
  );
  return watched
    .reconciled()
    .filter((event) => event.name === name && event.outcome === outcome)
    .reduce((sum, { count }) => sum + count, facts.size);
}

function expectTruth(watched: Watched, count: number): void {
  // Of ten: one even fails; of two such, one succeeds at its second attempt.
  expect(counted(watched, 'task-succeeded', 'mail.odd')).toBe(count / 2);
  expect(counted(watched, 'task-succeeded', 'mail.even')).toBe(count / 2 - count / 20);
  expect(counted(watched, 'task-failed', 'mail.even')).toBe(count / 20);
  expect(counted(watched, 'task-retried', 'mail.even')).toBe(count / 10);
}

describe('With the agent', () => {
  test('every attempt is counted once, by name and outcome, however fast tasks are erased', async () => {
    const s = await scene();
    await Promise.all([agentWorker(s, 'mail', 'w1'), agentWorker(s, 'mail', 'w2')]);

    await s.app.queue('mail').addBulk(jobs(2_000));

    await eventually(() => expectTruth(s.watched, 2_000), { within: 20_000 });
    expect(s.watched.tasks('task-succeeded').every(({ worker }) => worker === 'w1' || worker === 'w2')).toBe(true);
    expect(s.watched.gaps()).toEqual([]);
  }, 40_000);

  test('agent and ordinary workers share a queue without anything counting twice', async () => {
    const s = await scene();
    await agentWorker(s, 'mail', 'w1');
    await s.app.work('mail', { concurrency: 5 });

    await s.app.queue('mail').addBulk(jobs(1_000));

    await eventually(
      () => expect(s.watched.distinct('task-succeeded') + s.watched.distinct('task-failed')).toBe(1_000),
      {
        within: 15_000,
      },
    );
    expect(s.watched.reconciled()).toEqual([]);
    expect(s.watched.tasks('task-succeeded').some(({ worker }) => worker === 'w1')).toBe(true);
    expect(s.watched.tasks('task-succeeded').some(({ worker }) => worker !== 'w1')).toBe(true);
  }, 30_000);

  test('counts stay exact though Redis is killed three times under load', async () => {
    const s = await scene();
    await agentWorker(s, 'mail', 'w1', 2);
    for (let round = 0; round < 3; round += 1) {
      await s.app.queue('mail').addBulk(jobs(400));
      await s.redis.restart();
      await eventually(() => s.raw.ping(), { within: 10_000 });
    }

    await eventually(
      async () => {
        const { waiting, active } = await s.app.queue('mail').getJobCounts();
        expect(waiting + active).toBe(0);
      },
      { within: 25_000 },
    );
    await eventually(
      () => {
        const ends = s.watched.distinct('task-succeeded') + s.watched.distinct('task-failed');
        const numbered = s.watched.reconciled().filter(({ outcome }) => outcome !== 'retry');
        const told = numbered.reduce((sum, { count }) => sum + count, ends);
        // A worker that lost Redis at the very moment in which Redis stored an end never learns of it: that one is in the gap.
        expect(s.watched.gaps().reduce((sum, { missed }) => sum + (missed ?? 0), told)).toBe(1_200);
        expect(told).toBeGreaterThan(1_190);
      },
      { within: 15_000 },
    );
  }, 60_000);

  test('facts lost from the stream are made up for by the totals, exactly', async () => {
    const s = await scene();
    await agentWorker(s, 'mail', 'w1');
    await s.app.queue('mail').addBulk(jobs(100));
    await eventually(() => expectTruth(s.watched, 100), { within: 10_000 });

    // Nobody hears: neither facts nor publications.
    await s.watched.engine.stop();
    const later = watchBull(s.redis.url);
    endings.push(() => later.engine.stop());
    await later.connected();
    await eventually(async () => expect((await later.look()).workers.some(({ agent }) => agent)).toBe(true));
    await s.raw.xtrim(agentKeys.facts, 'MAXLEN', 0);
    await s.app.queue('mail').addBulk(jobs(100));

    await eventually(() => expectTruth(later, 100), { within: 10_000 });
  }, 30_000);

  test('a worker is online, then lost when it dies without a word, or offline when it says goodbye', async () => {
    const s = await scene();
    const agent = await agentWorker(s, 'mail', 'w1');
    await eventually(() => expect(s.watched.events).toContainEqual(expect.objectContaining({ kind: 'worker-online' })));
    // The first report may be older than the last of the processors.
    await eventually(async () => {
      const { workers } = await s.watched.look();
      expect(workers).toEqual([
        expect.objectContaining({ name: 'w1', status: 'online', agent: true, poolSize: 5, queues: ['mail'] }),
      ]);
    });

    await agent.close();

    await eventually(() =>
      expect(s.watched.events).toContainEqual(
        expect.objectContaining({
          kind: 'worker-offline',
          worker: expect.objectContaining({ name: 'w1', status: 'offline' }),
        }),
      ),
    );
  });

  test('a running task is stopped through its agent, and who acknowledged is told', async () => {
    const s = await scene();
    const worker = s.app.queue('long');
    const agent = createAgent({ redis: s.redis.url, worker: 'w9', heartbeatMs: 300, log: () => undefined });
    endings.push(() => agent.close());
    void worker.process((job) => {
      const stop = abortSignal(job);
      return new Promise((_resolve, reject) => {
        stop.addEventListener('abort', () => reject(stop.reason));
      });
    });
    agent.instrument(worker);
    await eventually(async () => {
      expect((await s.watched.look()).workers.map(({ name }) => name)).toContain('w9');
    });
    const jobId = await s.app.add('long');
    await eventually(() => expect(s.watched.tasks('task-started').some(({ id }) => id === `long:${jobId}`)).toBe(true));

    const report = await s.watched.engine.revoke(
      `long:${jobId}`,
      { terminate: true, signal: null },
      AbortSignal.timeout(5_000),
    );

    expect(report).toMatchObject({ outcome: 'accepted', workers: [{ worker: 'w9', answer: 'acknowledged' }] });
    await eventually(() =>
      expect(s.watched.tasks('task-revoked')).toContainEqual(
        expect.objectContaining({ id: `long:${jobId}`, worker: 'w9' }),
      ),
    );
    expect(s.watched.tasks('task-failed')).toEqual([]);
  });

  test('without an agent nobody acknowledges', async () => {
    const s = await scene();
    await s.app.work('plain');
    const jobId = await s.app.add('plain', { hold: true });
    await eventually(() =>
      expect(s.watched.tasks('task-started').some(({ id }) => id === `plain:${jobId}`)).toBe(true),
    );

    const report = await s.watched.engine.revoke(
      `plain:${jobId}`,
      { terminate: true, signal: null },
      AbortSignal.timeout(5_000),
    );

    expect(report).toMatchObject({
      outcome: 'unacknowledged',
      message: expect.stringContaining('without the Taskscope agent'),
    });
    await s.app.release('plain', jobId);
  });
});
