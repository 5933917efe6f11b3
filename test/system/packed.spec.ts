import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Bull from 'bull';
import {
  type CelerySender,
  type CeleryWorkerProcess,
  startCelerySender,
  startCeleryWorker,
} from '../support/celery-worker.js';
import { eventually } from '../support/eventually.js';
import { installPacked, type PackedInstall } from '../support/packed-install.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { runCommand } from '../support/run-command.js';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.js';

/** A user's own Bull worker, which carries the agent from the package. */
const BULL_WORKER = `
import Bull from 'bull';
import { instrument } from 'taskscope/agent';

const queue = new Bull('mail', process.argv[2]);
instrument(queue);
queue.process('send', async () => 'sent');
queue.process('lose', async () => { throw new TypeError('lost'); });
await queue.isReady();
console.log('ready');
`;

describe('the package, installed in an empty folder', () => {
  let installed: PackedInstall | undefined;
  let redis: RedisServer | undefined;
  let celery: CeleryWorkerProcess | undefined;
  let sender: CelerySender | undefined;
  let bull: ChildProcess | undefined;
  let service: ServiceProcess | undefined;
  let mail: Bull.Queue | undefined;

  const get = async (path: string): Promise<unknown> => {
    const answer = await fetch(`${service?.url}${path}`);
    expect({ path, status: answer.status }).toEqual({ path, status: 200 });
    return answer.headers.get('content-type')?.includes('json') === true ? answer.json() : answer.text();
  };
  const taskscope = (...words: readonly string[]) =>
    runCommand(installed?.taskscope ?? '', words, {
      cwd: installed?.folder ?? '',
      env: { TASKSCOPE_URL: service?.url ?? '' },
    });

  beforeAll(async () => {
    redis = await startRedisServer();
    celery = startCeleryWorker({ broker: redis.url, results: redis.url, name: 'packed', pool: 'solo' });
    sender = startCelerySender({ broker: redis.url, results: redis.url });
    installed = await installPacked();
    const { folder } = installed;
    writeFileSync(join(folder, 'worker.js'), BULL_WORKER);
    // Before the service: an engine that joins a Redis later is found within half a minute, which is long for a test.
    bull = spawn(process.execPath, ['worker.js', redis.url], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    await once(bull.stdout ?? bull, 'data');
    mail = new Bull('mail', redis.url);
    await mail.add('send', {}, { jobId: 'later', delay: 3_600_000 });
    service = await startServiceProcess(installed.taskscope, ['--port', '0', redis.url], {
      cwd: folder,
      within: 30_000,
    });
  }, 240_000);

  afterAll(async () => {
    service?.kill();
    await mail?.close();
    bull?.kill('SIGKILL');
    await sender?.stop();
    await celery?.stop();
    await redis?.stop();
    installed?.remove();
  }, 30_000);

  test('finds Celery and Bull in one Redis, and is ready', async () => {
    await eventually(
      async () => {
        await get('/health/ready');
        expect(await get('/api/v1/celery/sources')).toMatchObject({
          items: expect.arrayContaining([
            expect.objectContaining({ engine: 'bull', connection: 'connected' }),
            expect.objectContaining({ engine: 'celery', connection: 'connected' }),
          ]),
        });
      },
      { within: 30_000, every: 250 },
    );
  }, 40_000);

  test('shows the workers of both, and counts what they do', async () => {
    await sender?.sendMany({ name: 'tasks.add', args: [1, 2], times: 3 });
    for (let at = 0; at < 5; at += 1) await mail?.add('send', { at });
    await mail?.add('lose', {});

    await eventually(
      async () => {
        const { workers } = Object(await get('/api/v1/celery/workers/status'));
        expect(workers).toEqual(
          expect.arrayContaining([
            expect.objectContaining({ name: 'packed@test', status: 'online' }),
            expect.objectContaining({ engine: 'bull', status: 'online', agent: true }),
          ]),
        );
        const metrics = await get('/metrics');
        expect(metrics).toMatch(/^celery_task_total\{task_name="mail.send",status="success",.*\} 5$/m);
        expect(metrics).toMatch(/^celery_task_total\{task_name="mail.lose",status="failure",.*\} 1$/m);
        expect(metrics).toMatch(/^celery_task_total\{task_name="tasks.add",status="success",.*\} 3$/m);
      },
      { within: 40_000, every: 500 },
    );
  }, 50_000);

  test('serves its documentation', async () => {
    expect(await get('/docs')).toContain('Taskscope API');
    expect(await get('/docs/openapi.json')).toMatchObject({ openapi: expect.stringMatching(/^3\./) });
  });

  test('serves its dashboard, with what its page loads', async () => {
    const page = String(await get('/flower'));
    const [, script = ''] = /<script[^>]+src="([^"]+)"/.exec(page) ?? [];

    expect(page).toContain('<title>');
    expect(String(await get(new URL(script, `${service?.url}/flower/`).pathname)).length).toBeGreaterThan(100);
  });

  test('answers its own commands, and stops a task by one', async () => {
    const found = await taskscope('tasks', '--json', 'state:FAILURE');
    const revoked = await taskscope('revoke', '--json', 'mail:later');

    expect(found.code).toBe(0);
    expect(JSON.parse(found.stdout)).toMatchObject({ task_name: 'mail.lose', error: { type: 'TypeError' } });
    expect(revoked.code).toBe(0);
    expect(JSON.parse(revoked.stdout)).toMatchObject({ task_id: 'mail:later', outcome: 'revoked' });
  });

  test('runs without any broker, on a Redis and a workload of its own', async () => {
    const alone = await startServiceProcess(installed?.taskscope ?? '', ['--port', '0', '--data', 'alone'], {
      cwd: installed?.folder ?? '',
      within: 40_000,
    });
    try {
      await eventually(
        async () => {
          const answer = await fetch(`${alone.url}/api/v1/celery/workers/status`);
          expect(await answer.json()).toMatchObject({ workers: expect.arrayContaining([expect.anything()]) });
        },
        { within: 40_000, every: 250 },
      );
    } finally {
      // Its Redis and its workload are children: they go in order.
      expect(await alone.terminate()).toBe(0);
    }
  }, 90_000);
});
