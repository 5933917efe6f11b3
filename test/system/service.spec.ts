import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import Bull from 'bull';
import { eventually } from '../support/eventually.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.js';

const CLI = 'dist/src/cli.js';

describe('the service', () => {
  const data = mkdtempSync(join(tmpdir(), 'taskscope-data-'));
  const running: ServiceProcess[] = [];
  let redis: RedisServer;

  const start = async (...words: readonly string[]): Promise<ServiceProcess> => {
    const service = await startServiceProcess(process.execPath, [CLI, '--port', '0', '--data', data, ...words], {
      within: 30_000,
    });
    running.push(service);
    return service;
  };
  const get = async (service: ServiceProcess, path: string) => {
    const answer = await fetch(`${service.url}${path}`);
    return { status: answer.status, body: await answer.json() };
  };
  /** Starts it and expects it to give up at once. */
  const refusal = async (words: readonly string[], env: Record<string, string> = {}) => {
    try {
      await promisify(execFile)(process.execPath, [CLI, '--data', data, ...words], {
        timeout: 20_000,
        env: { ...process.env, ...env },
      });
    } catch (error) {
      if (typeof error === 'object' && error !== null && 'code' in error && 'stderr' in error)
        return { code: error.code, said: String(error.stderr) };
      throw error;
    }
    throw new Error('expected the start to be refused, found a service that ran');
  };

  beforeAll(async () => {
    redis = await startRedisServer();
  });
  afterEach(() => {
    for (const service of running.splice(0)) service.kill();
  });
  afterAll(async () => {
    await redis?.stop();
    rmSync(data, { recursive: true, force: true });
  });

  test('drains on SIGTERM: not ready, still alive, then gone with exit code 0', async () => {
    const service = await startServiceProcess(process.execPath, [CLI, '--port', '0', '--data', data, redis.url], {
      within: 30_000,
      env: { TASKSCOPE_DRAIN_MS: '1500' },
    });
    running.push(service);
    await eventually(async () => expect((await get(service, '/health/ready')).status).toBe(200), { within: 10_000 });

    const exit = service.terminate();

    await eventually(async () => expect((await get(service, '/health/ready')).status).toBe(503));
    expect((await get(service, '/health/live')).status).toBe(200);
    expect(await exit).toBe(0);
  });

  test('ends on Ctrl-C with exit code 0', async () => {
    const service = await start(redis.url);

    expect(await service.interrupt()).toBe(0);
  });

  test('refuses to listen beyond this machine while nobody has to log in', async () => {
    const { code, said } = await refusal(['--host', '0.0.0.0', '--port', '0', redis.url]);

    expect(code).toBe(2);
    expect(said).toContain('--insecure');
  });

  test('refuses settings it does not understand, and names the place', async () => {
    expect(await refusal(['--port', 'eighty'])).toMatchObject({
      code: 2,
      said: expect.stringContaining('port: expected a number, found "eighty"'),
    });
    expect(await refusal([], { TASKSCOPE_MAX_TASK: '5' })).toMatchObject({
      code: 2,
      said: expect.stringContaining('TASKSCOPE_MAX_TASK'),
    });
    expect(await refusal(['http://example.com'])).toMatchObject({ said: expect.stringContaining('http') });
    expect(await refusal(['--config', 'no-such-file.yaml'])).toMatchObject({
      code: 2,
      said: expect.stringContaining('no-such-file.yaml'),
    });
  });

  test('says which address is taken when it cannot listen', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;

    const { code, said } = await refusal(['--port', String(port), redis.url]);
    other.close();

    expect(code).toBe(2);
    expect(said).toContain(`127.0.0.1:${port}`);
  });

  test('starts without its broker, says so, and is ready as soon as the broker is there', async () => {
    const late = await startRedisServer();
    await late.kill();
    const service = await start('--log-format', 'json', late.url);

    await eventually(async () => expect((await get(service, '/health/ready')).status).toBe(503));
    expect(await get(service, '/api/v1/celery/health')).toMatchObject({
      status: 503,
      body: { status: 'unhealthy', broker_connected: false },
    });

    await late.restart();
    await eventually(async () => expect((await get(service, '/health/ready')).status).toBe(200), { within: 10_000 });
    await late.stop();
  });

  test('shows a wrong password as the reason, and the password nowhere', async () => {
    const locked = await startRedisServer({ password: 'right' });
    const service = await start('--log-format', 'json', `bull+redis://:wr0ng-s3cret@127.0.0.1:${locked.port}`);

    await eventually(async () => {
      const { body } = await get(service, '/api/v1/celery/sources');
      expect(JSON.stringify(body)).toMatch(/password|WRONGPASS|authentic/i);
    });
    const everything = `${service.output()}${JSON.stringify(await get(service, '/api/v1/celery/sources'))}${await (await fetch(`${service.url}/metrics`)).text()}`;
    expect(everything).not.toContain('wr0ng-s3cret');
    await locked.stop();
  });

  test('shows an ordinary Bull application that knows nothing of it within five seconds, with right counts', async () => {
    const empty = await startRedisServer();
    const service = await start(empty.url);
    const queue = new Bull('orders:eu', empty.url);

    try {
      await queue.addBulk(
        Array.from({ length: 7 }, (_, at) => ({ name: 'ship', data: { at }, opts: at < 2 ? { delay: 60_000 } : {} })),
      );

      await eventually(
        async () => {
          const { body } = await get(service, '/api/v1/celery/queues/orders%3Aeu');
          expect(body).toMatchObject({
            name: 'orders:eu',
            length: 5,
            delayed: 2,
            active: 0,
            consumers: 0,
            engine: 'bull',
          });
        },
        { within: 5_000 },
      );
    } finally {
      await queue.close();
      await empty.stop();
    }
  });
});
