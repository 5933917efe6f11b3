import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Queue } from 'bull';
import Bull from 'bull';
import { Redis } from 'ioredis';
import { busyOf, countFacts, countTotals, readAgents } from '../../support/agent-record.js';
import { type BullWorker, startBullWorker } from '../../support/bull-worker.js';
import { eventually } from '../../support/eventually.js';
import { type RedisServer, startRedisServer } from '../../support/redis-server.js';

describe('an agent that loses its Redis', () => {
  let queues: RedisServer;
  let reports: RedisServer;
  let redis: Redis;
  let queue: Queue;
  const workers: BullWorker[] = [];

  beforeAll(async () => {
    [queues, reports] = await Promise.all([startRedisServer(), startRedisServer()]);
    redis = new Redis(reports.url, { maxRetriesPerRequest: null });
    redis.on('error', () => undefined); // killed on purpose
    queue = new Bull('outage', queues.url, { redis: { maxRetriesPerRequest: null } });
  });

  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.kill()));
    await queue.close();
    redis.disconnect();
    await Promise.all([queues.stop(), reports.stop()]);
  });

  const add = (count: number): Promise<unknown> =>
    queue.addBulk(
      Array.from({ length: count }, (_, n) => ({ name: 'ok', data: { n }, opts: { removeOnComplete: true } })),
    );
  const drained = (): Promise<void> =>
    eventually(async () => expect(await queue.getJobCounts()).toMatchObject({ waiting: 0, active: 0 }), {
      within: 5_000,
    });

  test('lets the worker work on, and tells everything when Redis is back, under unbroken numbers', async () => {
    const worker = await startBullWorker({ url: queues.url, queue: 'outage', agentRedis: reports.url });
    workers.push(worker);
    await add(500);
    await drained();

    await reports.kill();
    await add(500);
    await drained();
    expect(worker.exitCode).toBeNull();
    await reports.restart();
    await add(500);
    await drained();

    const told = { 'ok succeeded': 1500 };
    await eventually(async () => expect(countTotals(await readAgents(redis))).toEqual(told), {
      within: 8_000,
      every: 100,
    });
    const records = await readAgents(redis);
    expect(countFacts(records)).toEqual(told);
    const numbers = new Set(records.flatMap(({ facts }) => facts.map(({ seq }) => seq)));
    expect(numbers).toEqual(new Set(Array.from({ length: 3000 }, (_, place) => place + 1)));
    expect(worker.log.filter((line) => line.includes('facts connection'))).toEqual([
      expect.stringContaining('is down'),
      expect.stringContaining('is back'),
    ]);
  });

  test('does not wait for Redis to come back when the worker closes', async () => {
    const [worker] = workers;
    if (worker === undefined) throw new Error('no worker');
    await reports.kill();

    await worker.close();

    expect(worker.exitCode).toBe(0);
    await reports.restart();
  });

  test('counts what a worker on the same Redis did before, between and after crashes', async () => {
    const worker = await startBullWorker({ url: queues.url, queue: 'outage' });
    workers.push(worker);
    const own = new Redis(queues.url, { maxRetriesPerRequest: null });
    own.on('error', () => undefined); // killed on purpose
    for (let crash = 0; crash < 3; crash += 1) {
      await add(300);
      await queues.restart();
    }
    await add(100);

    // Bull itself may run a job again whose end was lost in a crash. What counts is that totals and facts agree to the last one.
    await eventually(
      async () => {
        expect(await queue.getJobCounts()).toMatchObject({ waiting: 0, active: 0 });
        const records = await readAgents(own);
        expect(countTotals(records)['ok succeeded']).toBeGreaterThanOrEqual(900);
        expect(countFacts(records)).toEqual(countTotals(records));
        expect(records.map(({ report }) => busyOf(report))).toEqual([0]);
      },
      { within: 15_000, every: 200 },
    );
    expect(worker.exitCode).toBeNull();
    own.disconnect();
  });
});
