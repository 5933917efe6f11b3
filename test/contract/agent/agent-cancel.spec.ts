import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Job, Queue } from 'bull';
import Bull from 'bull';
import { Redis } from 'ioredis';
import type { TaskFact } from '../../../agent/protocol.js';
import { readAgents, requestCancel } from '../../support/agent-record.js';
import { type BullWorker, startBullWorker } from '../../support/bull-worker.js';
import { eventually } from '../../support/eventually.js';
import { type RedisServer, startRedisServer } from '../../support/redis-server.js';

describe('asking a worker to stop a job', () => {
  let server: RedisServer;
  let redis: Redis;
  let queue: Queue;
  let boxed: Queue;
  let workers: readonly BullWorker[] = [];

  beforeAll(async () => {
    server = await startRedisServer();
    redis = new Redis(server.url);
    queue = new Bull('stop', server.url);
    boxed = new Bull('stop-boxed', server.url);
    workers = await Promise.all([1, 2].map(() => startBullWorker({ url: server.url, queue: 'stop' })));
  });

  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.close()));
    await Promise.all([queue.close(), boxed.close()]);
    redis.disconnect();
    await server.stop();
  });

  /** Redis shows a job as active a moment before its worker, and so the agent, knows of it. */
  const running = (job: Job): Promise<void> =>
    eventually(
      async () => {
        const facts = (await readAgents(redis)).flatMap((record) => record.facts);
        expect(facts).toContainEqual(
          expect.objectContaining({ kind: 'started', jobId: String(job.id), queue: job.queue.name }),
        );
      },
      { within: 10_000 },
    );
  const ended = (queueName: string, job: Job): Promise<TaskFact> =>
    eventually(
      async () => {
        const facts = (await readAgents(redis)).flatMap((record) => record.facts);
        const fact = facts.find(
          ({ queue: name, jobId, kind }) => name === queueName && jobId === String(job.id) && kind !== 'started',
        );
        if (fact === undefined) throw new Error(`no end of ${queueName}:${job.id} told`);
        return fact;
      },
      { within: 10_000 },
    );

  test('aborts the signal of a processor that took one; the job is revoked and not tried again', async () => {
    const job = await queue.add('obedient', { ms: 60_000 }, { attempts: 5 });
    await running(job);

    const answer = await requestCancel(redis, { queue: 'stop', jobId: String(job.id) });

    expect(answer).toMatchObject({ result: 'aborted', worker: expect.stringMatching(/^worker-\d+@/) });
    expect(await ended('stop', job)).toMatchObject({
      kind: 'revoked',
      attempt: 1,
      timedOut: false,
      error: { type: 'AbortError' },
    });
    expect(await job.isFailed()).toBe(true);
  });

  test('kills the child process of a sandboxed processor, though it puts SIGTERM off until the job is done', async () => {
    const job = await boxed.add({ ms: 60_000 }, { attempts: 5 });
    await running(job);

    const answer = await requestCancel(redis, { queue: 'stop-boxed', jobId: String(job.id) });

    expect(answer).toMatchObject({ result: 'killed', message: expect.stringContaining('SIGTERM') });
    expect(await ended('stop-boxed', job)).toMatchObject({ kind: 'revoked', jobName: '__default__', attempt: 1 });
    expect(await boxed.getJob(job.id).then((found) => found?.isFailed())).toBe(true);
  });

  test('leaves the pool of children in order: the next job runs in a new one', async () => {
    const job = await boxed.add({ ms: 1 });

    expect(await ended('stop-boxed', job)).toMatchObject({ kind: 'succeeded', result: expect.any(Number) });
  });

  test('is refused where the processor took no signal, and the job goes on', async () => {
    const job = await queue.add('slow', { ms: 3_000 });
    await running(job);

    const answer = await requestCancel(redis, { queue: 'stop', jobId: String(job.id) });

    expect(answer).toMatchObject({ result: 'refused', message: expect.stringContaining('AbortSignal') });
    expect(await ended('stop', job)).toMatchObject({ kind: 'succeeded' });
  });

  test('is answered by nobody when nobody runs the job, or the request is not understood', async () => {
    await redis.publish('{taskscope}:0:control', 'not a request');

    expect(await requestCancel(redis, { queue: 'stop', jobId: 'no such job' }, 1)).toBeNull();
    expect(workers.map((worker) => worker.exitCode)).toEqual([null, null]);
  });
});
