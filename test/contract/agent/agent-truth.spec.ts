import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Queue } from 'bull';
import Bull from 'bull';
import { Redis } from 'ioredis';
import { countFacts, countTotals, readAgents } from '../../support/agent-record.js';
import { type BullWorker, startBullWorker } from '../../support/bull-worker.js';
import { eventually } from '../../support/eventually.js';
import { type RedisServer, startRedisServer } from '../../support/redis-server.js';

/** Nothing stays behind in Redis: only the workers know what happened. */
const GONE = { removeOnComplete: true, removeOnFail: true };

describe('what agents tell of their workers', () => {
  let server: RedisServer;
  let redis: Redis;
  let queue: Queue;
  let workers: BullWorker[] = [];

  beforeAll(async () => {
    server = await startRedisServer();
    redis = new Redis(server.url);
    queue = new Bull('truth', server.url);
  });

  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.kill()));
    await queue.close();
    redis.disconnect();
    await server.stop();
  });

  test('is the truth, per name and outcome, when nothing is kept in Redis', async () => {
    workers = await Promise.all([1, 2].map(() => startBullWorker({ url: server.url, queue: 'truth' })));
    const jobs = [
      ...Array.from({ length: 1500 }, (_, n) => ({ name: 'ok', data: { n }, opts: GONE })),
      ...Array.from({ length: 200 }, () => ({ name: 'fail', data: {}, opts: GONE })),
      ...Array.from({ length: 100 }, () => ({ name: 'retry', data: {}, opts: { ...GONE, attempts: 3, backoff: 5 } })),
      ...Array.from({ length: 10 }, () => ({
        name: 'slow',
        data: { ms: 500 },
        opts: { ...GONE, attempts: 2, timeout: 20 },
      })),
    ];
    await queue.addBulk(jobs);

    await eventually(
      async () => expect(await queue.getJobCounts()).toMatchObject({ waiting: 0, active: 0, delayed: 0 }),
      { within: 15_000, every: 100 },
    );
    await Promise.all(workers.map((worker) => worker.close()));

    const records = await readAgents(redis);
    const truth = {
      'ok succeeded': 1500,
      'fail failed': 200,
      'retry retried QuotaExceeded': 200,
      'retry succeeded': 100,
      'slow retried TimeoutError': 10,
      'slow failed': 10,
    };
    expect(countTotals(records)).toEqual(truth);
    expect(countFacts(records)).toEqual(truth);
    const timedOut = records.flatMap(({ report }) => report.totals.rows).reduce((sum, row) => sum + row.timedOut, 0);
    expect(timedOut).toBe(20);
    expect(records.every(({ report }) => report.closing && report.software.startsWith('bull 4.'))).toBe(true);
  });

  test('comes in order: before each totals entry stand all the facts it covers, and none that it does not', async () => {
    const records = await readAgents(redis);

    expect(records).toHaveLength(2);
    for (const { facts, totals, report } of records) {
      expect(facts.map(({ seq }) => seq)).toEqual(facts.map((_, place) => place + 1));
      for (const { entry, factsBefore } of totals) expect(entry.seq).toBe(factsBefore);
      expect(totals.at(-1)?.entry).toEqual(report.totals);
    }
  });

  test('includes a job whose worker was killed, told once by whoever finds it stalled', async () => {
    await redis.flushall();
    const [doomed, ...witnesses] = await Promise.all(
      [0, 1, 2].map(() => startBullWorker({ url: server.url, queue: 'stalls' })),
    );
    if (doomed === undefined) throw new Error('no worker');
    workers.push(doomed, ...witnesses);
    const stalls = new Bull('stalls', server.url);
    // More than the 18 that two workers can run at once, so the one to be killed has its share. Half of them vanish from Redis as soon as
    // they have failed: nobody can read their names any more.
    const jobs = Array.from({ length: 24 }, (_, n) => ({
      name: 'slow',
      data: { ms: 3_000 },
      opts: { removeOnFail: n % 2 === 1 },
    }));
    await stalls.addBulk(jobs);
    const lost = await eventually(
      async () => {
        const token = (await readAgents(redis)).find(({ report }) => report.pid === doomed.pid)?.report.queues[0]
          ?.token;
        const locks = await redis.keys('bull:stalls:*:lock');
        expect(locks).toHaveLength(24);
        const held = (await redis.mget(locks)).filter((lock) => lock === token).length;
        expect(held).toBeGreaterThan(0);
        return held;
      },
      { within: 2_500 },
    );

    await doomed.kill();

    await eventually(
      async () => {
        const told = countFacts(await readAgents(redis));
        expect((told['slow failed'] ?? 0) + (told['__unknown__ failed'] ?? 0)).toBe(lost);
        expect(told['slow succeeded']).toBe(24 - lost);
      },
      { within: 10_000, every: 100 },
    );
    await Promise.all(witnesses.map((worker) => worker.close()));
    await stalls.close();
  });
});
