import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { busyOf, countFacts, countTotals, readAgents } from '../../support/agent-record.js';
import type { BullWorker } from '../../support/bull-worker.js';
import { startBullmqAgentWorker } from '../../support/bullmq-agent-worker.js';
import { BullmqApp } from '../../support/bullmq-app.js';
import { eventually } from '../../support/eventually.js';
import { type RedisServer, startRedisServer } from '../../support/redis-server.js';

describe('the agent of a BullMQ worker that loses its Redis', () => {
  let queues: RedisServer;
  let reports: RedisServer;
  let redis: Redis;
  let app: BullmqApp;
  const workers: BullWorker[] = [];

  beforeAll(async () => {
    [queues, reports] = await Promise.all([startRedisServer(), startRedisServer()]);
    redis = new Redis(reports.url, { maxRetriesPerRequest: null });
    redis.on('error', () => undefined); // killed on purpose
    app = new BullmqApp(queues.port);
  });

  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.kill()));
    await app.close();
    redis.disconnect();
    await Promise.all([queues.stop(), reports.stop()]);
  });

  const add = (queue: string, count: number): Promise<unknown> =>
    app
      .queue(queue)
      .addBulk(
        Array.from({ length: count }, (_, n) => ({ name: 'ok', data: { n }, opts: { removeOnComplete: true } })),
      );
  const drained = (queue: string): Promise<void> =>
    eventually(
      async () => expect(await app.queue(queue).getJobCounts('waiting', 'active')).toEqual({ waiting: 0, active: 0 }),
      { within: 8_000 },
    );

  test('lets the worker work on, and tells everything when Redis is back, under unbroken numbers', async () => {
    const worker = await startBullmqAgentWorker({
      major: 6,
      port: queues.port,
      queue: 'outage',
      agentRedis: reports.url,
    });
    workers.push(worker);
    await add('outage', 300);
    await drained('outage');

    await reports.kill();
    await add('outage', 300);
    await drained('outage');
    expect(worker.exitCode).toBeNull();
    await reports.restart();
    await add('outage', 300);
    await drained('outage');

    const told = { 'ok succeeded': 900 };
    await eventually(async () => expect(countTotals(await readAgents(redis))).toEqual(told), { within: 8_000 });
    const records = await readAgents(redis);
    expect(countFacts(records)).toEqual(told);
    const numbers = new Set(records.flatMap(({ facts }) => facts.map(({ seq }) => seq)));
    expect(numbers).toEqual(new Set(Array.from({ length: 1800 }, (_, place) => place + 1)));
    await worker.close();
  });

  test('counts what a worker on the same Redis did before, between and after crashes', async () => {
    const worker = await startBullmqAgentWorker({ major: 6, port: queues.port, queue: 'crashes' });
    workers.push(worker);
    const own = new Redis(queues.url, { maxRetriesPerRequest: null });
    own.on('error', () => undefined); // killed on purpose
    for (let crash = 0; crash < 2; crash += 1) {
      await add('crashes', 200);
      await queues.restart();
    }
    await add('crashes', 100);

    // An end that Redis stored and could not confirm is known to the stream of events alone. What counts is that totals and facts agree.
    await eventually(
      async () => {
        expect(await app.queue('crashes').getJobCounts('waiting', 'active')).toEqual({ waiting: 0, active: 0 });
        const records = await readAgents(own);
        expect(countTotals(records)['ok succeeded']).toBeGreaterThanOrEqual(480);
        expect(countFacts(records)).toEqual(countTotals(records));
        expect(records.map(({ report }) => busyOf(report))).toEqual([0]);
      },
      { within: 12_000, every: 200 },
    );
    expect(worker.exitCode).toBeNull();
    await worker.close();
    own.disconnect();
  });
});
