import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { busyOf, countFacts, countTotals, readAgents } from '../../support/agent-record.js';
import type { BullWorker } from '../../support/bull-worker.js';
import { startBullmqAgentWorker } from '../../support/bullmq-agent-worker.js';
import { BULLMQ_MAJORS, BullmqApp, loadedVersion } from '../../support/bullmq-app.js';
import { eventually } from '../../support/eventually.js';
import { type RedisServer, startRedisServer } from '../../support/redis-server.js';

/** Nothing stays behind in Redis: only the workers know what happened. */
const GONE = { removeOnComplete: true, removeOnFail: true };

describe.each(BULLMQ_MAJORS)('what agents tell of BullMQ %i workers', (major) => {
  let server: RedisServer;
  let redis: Redis;
  let app: BullmqApp;
  const workers: BullWorker[] = [];

  beforeAll(async () => {
    server = await startRedisServer();
    redis = new Redis(server.url);
    app = new BullmqApp(server.port, major);
  });

  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.kill()));
    await app.close();
    redis.disconnect();
    await server.stop();
  });

  const start = async (queue: string, count: number): Promise<readonly BullWorker[]> => {
    const started = await Promise.all(
      Array.from({ length: count }, () => startBullmqAgentWorker({ major, port: server.port, queue })),
    );
    workers.push(...started);
    return started;
  };
  const drained = (queue: string): Promise<void> =>
    eventually(
      async () => {
        const states = ['waiting', 'active', 'delayed', 'prioritized', 'waiting-children'] as const;
        const counts = await app.queue(queue).getJobCounts(...states);
        expect(Object.values(counts).filter((count) => count > 0)).toEqual([]);
      },
      { within: 10_000, every: 100 },
    );

  test('is the truth, per name and outcome, when nothing is kept in Redis', async () => {
    expect(loadedVersion(major)).toMatch(new RegExp(`^${major}\\.`));
    const [first, second] = await start('truth', 2);
    const jobs = [
      ...Array.from({ length: 1000 }, (_, n) => ({ name: 'ok', data: { n }, opts: GONE })),
      ...Array.from({ length: 100 }, () => ({ name: 'fail', data: {}, opts: GONE })),
      ...Array.from({ length: 50 }, () => ({ name: 'retry', data: {}, opts: { ...GONE, attempts: 3, backoff: 5 } })),
      ...Array.from({ length: 20 }, () => ({ name: 'retry', data: {}, opts: { ...GONE, attempts: 2 } })),
      ...Array.from({ length: 20 }, () => ({ name: 'hopeless', data: {}, opts: { ...GONE, attempts: 5 } })),
      ...Array.from({ length: 20 }, () => ({ name: 'patient', data: {}, opts: { ...GONE, attempts: 2 } })),
      ...Array.from({ length: 3 }, () => ({ name: 'limited', data: {}, opts: { ...GONE, priority: 1 } })),
    ];
    await app.queue('truth').addBulk(jobs);
    const child = { name: 'ok', queueName: 'truth', data: {}, opts: GONE };
    await app.flow({ name: 'parent', queueName: 'truth', data: {}, opts: GONE, children: [child, child] });

    await drained('truth');
    await Promise.all([first?.close(), second?.close()]);

    const records = await readAgents(redis);
    const truth = {
      'ok succeeded': 1002,
      'fail failed': 100,
      'retry retried QuotaExceeded': 120,
      'retry succeeded': 50,
      'retry failed': 20,
      'hopeless failed': 20,
      'patient succeeded': 20,
      'limited succeeded': 3,
      'parent succeeded': 1,
    };
    expect(countTotals(records)).toEqual(truth);
    expect(countFacts(records)).toEqual(truth);
    expect(records.map(({ report }) => [report.software, report.closing, busyOf(report)])).toEqual([
      [`bullmq ${loadedVersion(major)}`, true, 0],
      [`bullmq ${loadedVersion(major)}`, true, 0],
    ]);
  });

  test('counts starts, in order, and each end has one', async () => {
    const records = await readAgents(redis);

    for (const { facts, totals } of records) {
      expect(facts.map(({ seq }) => seq)).toEqual(facts.map((_, place) => place + 1));
      for (const { entry, factsBefore } of totals) expect(entry.seq).toBe(factsBefore);
    }
    const facts = records.flatMap((record) => record.facts);
    const starts = new Set(
      facts.filter(({ kind }) => kind === 'started').map(({ jobId, attempt }) => `${jobId} ${attempt}`),
    );
    const ends = facts.filter(({ kind }) => kind !== 'started');
    expect(ends.filter(({ jobId, attempt }) => !starts.has(`${jobId} ${attempt}`))).toEqual([]);
    const attempts = (name: string, kind: string): number[] =>
      [
        ...new Set(facts.filter((fact) => fact.jobName === name && fact.kind === kind).map(({ attempt }) => attempt)),
      ].toSorted((left, right) => left - right);
    expect(attempts('retry', 'retried')).toEqual([1, 2]);
    expect(attempts('retry', 'succeeded')).toEqual([3]);
    expect(attempts('patient', 'succeeded')).toEqual([2]);
    expect(attempts('hopeless', 'failed')).toEqual([1]);
  });

  test('knows the worker by what opens its lock tokens; once it is killed, whoever fails its jobs tells of them', async () => {
    await redis.flushall();
    const [doomed, witness] = await start('stalls', 2);
    const jobs = Array.from({ length: 8 }, () => ({ name: 'slow', data: { ms: 2_500 }, opts: { attempts: 3 } }));
    await app.queue('stalls').addBulk(jobs);
    const lost = await eventually(
      async () => {
        const report = (await readAgents(redis)).find((record) => record.report.pid === doomed?.pid)?.report;
        expect(report && busyOf(report)).toBe(4);
        expect(
          report?.queues.map(({ engine, prefix, queue, concurrency }) => [engine, prefix, queue, concurrency]),
        ).toEqual([
          ['bullmq', 'bull', 'stalls', 4],
          ['bullmq', 'bull', 'stalls-signalled', 1],
          ['bullmq', 'bull', 'stalls-boxed', 1],
        ]);
        const locks = await redis.keys('bull:stalls:*:lock');
        expect(locks).toHaveLength(8);
        const tokens = await redis.mget(locks);
        const held = tokens.filter((token) => token?.startsWith(`${report?.queues[0]?.token}:`)).length;
        expect(held).toBe(4);
        return held;
      },
      { within: 2_400 },
    );

    await doomed?.kill();

    await eventually(
      async () =>
        expect(countFacts(await readAgents(redis))).toEqual({ 'slow failed': lost, 'slow succeeded': 8 - lost }),
      { within: 6_000, every: 100 },
    );
    const facts = (await readAgents(redis)).flatMap((record) => record.facts);
    const starts = facts.filter(({ kind }) => kind === 'started').map(({ jobId, attempt }) => `${jobId} ${attempt}`);
    for (const { jobId, attempt, kind, error } of facts.filter((fact) => fact.kind === 'failed')) {
      // Version 4 fails it where it lies; later ones start it once more, to fail it.
      const expected = major === 4 ? 1 : 2;
      expect([kind, attempt, error?.message]).toEqual(['failed', expected, 'job stalled more than allowable limit']);
      if (major !== 4) expect(starts).toContain(`${jobId} ${attempt}`);
    }
    await witness?.close();
    expect(countTotals(await readAgents(redis))).toEqual({ 'slow failed': lost, 'slow succeeded': 8 - lost });
  });
});
