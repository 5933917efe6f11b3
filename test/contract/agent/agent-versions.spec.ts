import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Bull from 'bull';
import { Redis } from 'ioredis';
import { cancellable, createAgent, instrument } from '../../../agent/agent.js';
import { countFacts, readAgents, requestCancel } from '../../support/agent-record.js';
import { eventually } from '../../support/eventually.js';
import { type RedisServer, startRedisServer } from '../../support/redis-server.js';

/** Version 3 comes without types; what is used here is the same. */
const Bull3: typeof Bull = createRequire(import.meta.url)('bull3');

describe.each([
  ['3', Bull3],
  ['4', Bull],
])('with bull %s the agent', (version, Library) => {
  let server: RedisServer;
  let redis: Redis;

  beforeAll(async () => {
    server = await startRedisServer();
    redis = new Redis(server.url);
  });

  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  test('tells outcomes, takes requests, sums up, and says goodbye by itself when the queue closes', async () => {
    const queue = new Library('versions', server.url);
    const agent = instrument(queue, { heartbeatMs: 200, worker: `v${version}` });
    const loops = [
      queue.process('busy', async () => {
        // Synchronous work counts as runtime, though Bull tells of the start only after it.
        const end = performance.now() + 60;
        while (performance.now() < end);
        return 'done';
      }),
      queue.process('fail', async () => Promise.reject(new TypeError('no'))),
      queue.process(
        'stop',
        cancellable(
          async (_job: object, signal) =>
            new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
        ),
      ),
    ];
    for (const loop of loops) loop.catch((problem: Error) => expect(problem).toBeUndefined());
    await queue.add('busy', {}, { delay: 50 });
    await queue.add('fail', {}, { attempts: 2 });
    const stuck = await queue.add('stop', {}, { attempts: 2 });
    await eventually(async () =>
      expect(await agent.summary()).toMatchObject({
        workers: { total: 1 },
        tasks: { active: 1, finished_here: { success: 1, failure: 1, retry: 1, revoked: 0 } },
        queues: [{ name: 'versions', waiting: 0, active: 1 }],
      }),
    );

    expect(await requestCancel(redis, { queue: 'versions', jobId: String(stuck.id) })).toMatchObject({
      result: 'aborted',
      worker: `v${version}`,
    });

    const told = { 'busy succeeded': 1, 'fail retried TypeError': 1, 'fail failed': 1, 'stop revoked': 1 };
    await eventually(async () => expect(countFacts(await readAgents(redis))).toEqual(told));
    const [record] = await readAgents(redis);
    const busy = record?.facts.find(({ kind }) => kind === 'succeeded');
    expect(busy?.runtimeMs).toBeGreaterThanOrEqual(60);
    expect((busy?.eta ?? 0) - (busy?.sentAt ?? 0)).toBe(50);

    await queue.close();
    await eventually(async () => expect((await readAgents(redis))[0]?.report.closing).toBe(true));
    await agent.close();
  });

  test('does not tell a failure that Redis refused to store: that job is run over again', async () => {
    const settings = { lockDuration: 1_000, stalledInterval: 300, maxStalledCount: 5 };
    const queue = new Library('refused', server.url, { settings });
    const agent = instrument(queue, { heartbeatMs: 200, worker: `refused${version}` });
    const announced: string[] = [];
    queue.on('failed', (job) => announced.push(String(job.id)));
    let runs = 0;
    const loop = queue.process(async () => {
      runs += 1;
      // What a restart does: ioredis takes the scripts for known, and Redis knows none.
      if (runs === 2) await redis.script('FLUSH');
      if (runs <= 2) throw new TypeError('no');
    });
    loop.catch((problem: Error) => expect(problem).toBeUndefined());

    const first = await queue.add({}, { removeOnFail: true });
    await eventually(() => expect(announced).toEqual([String(first.id)]));
    const second = await queue.add({}, { removeOnFail: true });

    await eventually(
      async () => {
        const record = (await readAgents(redis)).find(({ report }) => report.worker === `refused${version}`);
        const ends = record?.facts
          .filter(({ kind }) => kind !== 'started')
          .map(({ kind, jobId }) => `${kind} ${jobId}`);
        expect(ends).toEqual([`failed ${first.id}`, `succeeded ${second.id}`]);
      },
      { within: 20_000 },
    );
    // Bull has announced a failure that never was.
    expect(announced).toEqual([first.id, second.id].map(String));
    await queue.close();
    await agent.close();
  });

  test('refuses a queue in another Redis, and anything that is no queue', async () => {
    const queue = new Library('here', server.url);
    const elsewhere = new Library('there', `${server.url}/3`);
    const agent = createAgent();
    agent.instrument(queue).instrument(queue);

    expect(() => agent.instrument(elsewhere)).toThrow('use another agent');
    expect(() => agent.instrument(Object.create(null))).toThrow('expected a Queue');

    await Promise.all([queue.close(), elsewhere.close()]);
    await agent.close();
  });
});
