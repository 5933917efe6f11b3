import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { ControlAnswer, TaskFact } from '../../../agent/protocol.js';
import { readAgents, requestCancel } from '../../support/agent-record.js';
import type { BullWorker } from '../../support/bull-worker.js';
import { startBullmqAgentWorker } from '../../support/bullmq-agent-worker.js';
import { BULLMQ_MAJORS, BullmqApp } from '../../support/bullmq-app.js';
import { eventually } from '../../support/eventually.js';
import { type RedisServer, startRedisServer } from '../../support/redis-server.js';

describe.each(BULLMQ_MAJORS)('asking a BullMQ %i worker to stop a job', (major) => {
  let server: RedisServer;
  let redis: Redis;
  let app: BullmqApp;
  let worker: BullWorker;

  beforeAll(async () => {
    server = await startRedisServer();
    redis = new Redis(server.url);
    app = new BullmqApp(server.port, major);
    worker = await startBullmqAgentWorker({ major, port: server.port, queue: 'stop' });
  });

  afterAll(async () => {
    await worker.kill();
    await app.close();
    redis.disconnect();
    await server.stop();
  });

  const start = async (queue: string, name: string, ms: number): Promise<string> => {
    const id = await app.add(queue, { ms }, { attempts: 5 }, name);
    await eventually(async () => {
      const facts = (await readAgents(redis)).flatMap((record) => record.facts);
      expect(facts.some((fact) => fact.queue === queue && fact.jobId === id && fact.kind === 'started')).toBe(true);
    });
    return id;
  };
  const cancel = (queue: string, jobId: string): Promise<ControlAnswer | null> =>
    requestCancel(redis, { engine: 'bullmq', queue, jobId });
  const ended = (queue: string, jobId: string): Promise<TaskFact> =>
    eventually(async () => {
      const facts = (await readAgents(redis)).flatMap((record) => record.facts);
      const fact = facts.find((it) => it.queue === queue && it.jobId === jobId && it.kind !== 'started');
      if (fact === undefined) throw new Error(`no end of ${queue}:${jobId} told`);
      return fact;
    });
  const stateOf = (queue: string, jobId: string): Promise<string> => app.queue(queue).getJobState(jobId);

  test('aborts the signal of a cancellable processor; the job is revoked and not tried again', async () => {
    const id = await start('stop', 'obedient', 60_000);

    const answer = await cancel('stop', id);

    expect(answer).toMatchObject({ result: 'aborted', worker: expect.stringMatching(/^worker-\d+@/) });
    expect(await ended('stop', id)).toMatchObject({ kind: 'revoked', attempt: 1, error: { type: 'AbortError' } });
    expect(await stateOf('stop', id)).toBe('failed');
    // As the processor failed, and not as BullMQ was kept from trying again.
    const [reason, stack] = await redis.hmget(`bull:stop:${id}`, 'failedReason', 'stacktrace');
    expect(reason).toBe('The operation was aborted');
    expect(stack).toContain('AbortError');
  });

  test('aborts the signal that the library hands over, where the version has one', async () => {
    const id = await start('stop-signalled', 'long', major === 4 ? 500 : 60_000);

    const answer = await cancel('stop-signalled', id);

    expect(answer?.result).toBe(major === 4 ? 'refused' : 'aborted');
    expect(await ended('stop-signalled', id)).toMatchObject({ kind: major === 4 ? 'succeeded' : 'revoked' });
  });

  test('ends the child process of a sandboxed processor: in order where it is handed a signal, else by force', async () => {
    const id = await start('stop-boxed', 'boxed', 60_000);

    const answer = await cancel('stop-boxed', id);

    expect(answer).toMatchObject({ result: 'killed', message: expect.stringContaining('SIGTERM') });
    const message = major === 4 ? expect.stringContaining('SIGKILL') : 'put everything away';
    expect(await ended('stop-boxed', id)).toMatchObject({ kind: 'revoked', jobName: 'boxed', error: { message } });
    expect(await stateOf('stop-boxed', id)).toBe('failed');
  });

  test('leaves the pool of children in order: the next job runs in a new one', async () => {
    const id = await app.add('stop-boxed', { ms: 1 });

    expect(await ended('stop-boxed', id)).toMatchObject({ kind: 'succeeded', result: expect.any(Number) });
  });

  test('is refused where the processor took no signal, and the job goes on', async () => {
    const id = await start('stop', 'slow', 500);

    expect(await cancel('stop', id)).toMatchObject({
      result: 'refused',
      message: expect.stringContaining('AbortSignal'),
    });
    expect(await ended('stop', id)).toMatchObject({ kind: 'succeeded' });
  });

  test('is answered by nobody when it means a Bull queue of that name', async () => {
    const id = await start('stop', 'slow', 1_200);

    expect(await requestCancel(redis, { engine: 'bull', queue: 'stop', jobId: id }, 0.3)).toBeNull();
  });
});
