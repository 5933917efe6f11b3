import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Bull from 'bull';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { type BullWorker, startBullWorker } from '../support/bull-worker.js';
import {
  type CelerySender,
  type CeleryWorkerProcess,
  startCelerySender,
  startCeleryWorker,
} from '../support/celery-worker.js';
import { eventually } from '../support/eventually.js';
import { type RabbitServer, startRabbitServer } from '../support/rabbitmq-server.js';
import { isRecord, recordsOf } from '../support/records.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { type CommandResult, runCommand } from '../support/run-command.js';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.js';

const CLI = 'dist/src/cli.js';
const data = mkdtempSync(join(tmpdir(), 'taskscope-data-'));

/** With every setting in the environment, so that a broker can have more than its URL. */
const environment = (broker: object): Record<string, string> => ({
  TASKSCOPE_BROKERS: JSON.stringify([broker]),
  // What does not answer is given up sooner than by default.
  TASKSCOPE_INSPECTION_DEADLINE_MS: '3000',
});
const check = (broker: object, ...flags: readonly string[]): Promise<CommandResult> =>
  runCommand(process.execPath, [CLI, 'check', '--json', ...flags], { env: environment(broker) });
const reportsOf = ({ stdout }: CommandResult): readonly Record<string, unknown>[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
    .filter(isRecord);
const start = (broker: object, ...flags: readonly string[]): Promise<ServiceProcess> =>
  startServiceProcess(process.execPath, [CLI, '--port', '0', '--data', data, ...flags], {
    env: environment(broker),
    within: 30_000,
  });
const ask = async (service: ServiceProcess, path: string, method = 'GET'): Promise<unknown> => {
  const answer = await fetch(`${service.url}/api/v1/celery/${path}`, { method });
  expect({ path, ok: answer.ok }).toEqual({ path, ok: true });
  return answer.json();
};

afterAll(() => rmSync(data, { recursive: true, force: true }));

describe('the least access to a Redis with Celery, Bull and BullMQ in it, as check tells it', () => {
  let redis: RedisServer;
  let admin: Redis;
  let bull: Bull.Queue;
  let bullmq: Queue;
  let bullWorker: BullWorker;
  let celeryWorker: CeleryWorkerProcess;
  let sender: CelerySender;
  let grants: { readonly watch: string; readonly operate: string };

  const broker = (user = ''): object => ({ url: `redis://${user}127.0.0.1:${redis.port}`, prefixes: ['bull'] });
  /** Makes a user by the line that check has printed. */
  const grant = async (line: string, user: string): Promise<string> => {
    const [, , , ...rules] = line.replace('>PASSWORD', '>secret').split(' ');
    await admin.call('ACL', 'SETUSER', user, ...rules);
    await admin.call('ACL', 'LOG', 'RESET');
    return `${user}:secret@`;
  };
  /** What Redis has refused anybody since. */
  const refused = async (): Promise<readonly unknown[]> => {
    const log: unknown = await admin.call('ACL', 'LOG');
    return Array.isArray(log)
      ? log.map((entry) => (Array.isArray(entry) ? `${entry[5]} ${entry[7]} ${entry[9]}` : entry))
      : [];
  };
  const work = async (): Promise<void> => {
    await bull.add('ok', {});
    await bullmq.add('wait', {}, { delay: 3_600_000 });
    await sender.send({ name: 'tasks.add', args: [1, 2] });
  };

  beforeAll(async () => {
    redis = await startRedisServer();
    admin = new Redis(redis.url);
    bullWorker = await startBullWorker({ url: redis.url, queue: 'orders' });
    celeryWorker = startCeleryWorker({ broker: redis.url, results: redis.url, name: 'plain', pool: 'threads' });
    sender = startCelerySender({ broker: redis.url, results: redis.url });
    bull = new Bull('orders', redis.url);
    bullmq = new Queue('mails', { connection: { port: redis.port } });
    await work();
    await eventually(
      async () => {
        const reports = reportsOf(await check(broker()));
        expect(reports.map(({ engine, connected, workers }) => [engine, connected, Number(workers) > 0])).toEqual([
          ['bull', true, true],
          ['bullmq', true, false],
          ['celery', true, true],
        ]);
        const [{ grants: found } = { grants: null }] = reports;
        if (!isRecord(found)) throw new Error('expected what has to be granted');
        grants = { watch: String(found.watch), operate: String(found.operate) };
      },
      { within: 40_000, every: 500 },
    );
  }, 90_000);

  afterAll(async () => {
    await Promise.all([bull?.close(), bullmq?.close(), sender?.stop()]);
    await bullWorker?.kill();
    await celeryWorker?.kill();
    admin?.disconnect();
    await redis?.stop();
  });

  test('to watch: everything is seen, and nothing is refused', async () => {
    const user = await grant(grants.watch, 'watcher');
    const service = await start(broker(user), '--read-only');
    try {
      await eventually(
        async () => {
          const sources = recordsOf(await ask(service, 'sources'), 'items');
          expect(sources.map(({ engine, connection }) => [engine, connection]).sort()).toEqual([
            ['bull', 'connected'],
            ['bullmq', 'connected'],
            ['celery', 'connected'],
          ]);
          expect(JSON.stringify(sources)).not.toContain('denied":["');
        },
        { within: 30_000, every: 500 },
      );
      await eventually(
        async () => {
          // Connected may be told a moment before the first event is heard: what runs in between is not counted.
          await work();
          const metrics = await (await fetch(`${service.url}/metrics`)).text();
          expect(metrics).toMatch(/^celery_task_total\{task_name="orders.ok",status="success",.*\} [1-9]/m);
          expect(metrics).toMatch(/^celery_task_total\{task_name="tasks.add",status="success",.*\} [1-9]/m);
          const workers = recordsOf(await ask(service, 'workers/status'), 'workers');
          expect(workers.map(({ engine, status }) => `${engine} ${status}`)).toEqual(
            expect.arrayContaining(['bull online', 'celery online']),
          );
          const queues = await ask(service, 'queues/status');
          for (const name of ['orders', 'mails', 'celery']) expect(JSON.stringify(queues)).toContain(`"${name}"`);
        },
        { within: 30_000, every: 1_000 },
      );
      const [done] = recordsOf(await ask(service, 'tasks?state=SUCCESS&name=tasks.add'), 'items');
      expect(await ask(service, `tasks/${String(done?.task_id)}`)).toMatchObject({ result: 3 });
      await ask(service, 'tasks/orders:1');
      expect(await refused()).toEqual([]);
    } finally {
      service.kill();
    }
  }, 90_000);

  test('to watch: nothing beyond is granted', async () => {
    const user = await grant(grants.watch, 'watcher');
    const watcher = new Redis(`redis://${user}127.0.0.1:${redis.port}`, { enableReadyCheck: false });
    const forbidden: readonly (readonly [string, ...string[]])[] = [
      ['SET', 'bull:orders:x', '1'],
      ['DEL', 'bull:orders:1'],
      ['LPUSH', 'celery', 'x'],
      ['HSET', 'bull:orders:meta', 'paused', '1'],
      ['EVAL', "redis.call('SET', 'x', '1')", '0'],
      ['EVAL', "redis.call('SET', KEYS[1], '1')", '1', 'bull:orders:x'],
      ['PUBLISH', '/0.celeryev', 'x'],
      ['PUBLISH', 'anything', 'x'],
      ['SUBSCRIBE', 'anything'],
      ['KEYS', '*'],
      ['CONFIG', 'GET', '*'],
      ['ACL', 'LIST'],
      ['CLIENT', 'KILL', 'TYPE', 'normal'],
      ['FLUSHALL'],
      ['SHUTDOWN'],
    ];
    try {
      for (const [name, ...words] of forbidden) {
        const answer = await watcher.call(name, ...words).then(String, String);
        expect({ name, answer }).toEqual({ name, answer: expect.stringContaining('NOPERM') });
      }
    } finally {
      watcher.disconnect();
    }
  });

  test('to operate: tasks are stopped, and check finds nothing missing', async () => {
    const user = await grant(grants.operate, 'operator');
    const service = await start(broker(user));
    try {
      await bull.add('ok', {}, { jobId: 'later', delay: 3_600_000 });
      await eventually(async () => ask(service, 'tasks/orders:later'), { within: 20_000, every: 250 });

      expect(await ask(service, 'tasks/orders:later/revoke', 'POST')).toMatchObject({ outcome: 'revoked' });
      await bull.add('fail', {}, { jobId: 'lost' });
      await eventually(
        async () => expect(await ask(service, 'tasks/orders:lost')).toMatchObject({ state: 'FAILURE' }),
        {
          within: 20_000,
          every: 250,
        },
      );
      for (const [method, path] of [
        ['POST', 'tasks/orders:lost/retry'],
        ['PUT', 'queues/orders/pause'],
        ['DELETE', 'queues/orders/pause'],
        ['PUT', 'queues/mails/pause'],
        ['DELETE', 'queues/mails/pause'],
      ] as const) {
        await ask(service, path, method);
      }
      expect(await check(broker(user))).toMatchObject({ code: 0 });
      expect(await refused()).toEqual([]);
    } finally {
      service.kill();
    }
  }, 60_000);

  test('check says which feature lacks which command, and by its exit code that something will not work', async () => {
    const user = await grant(grants.watch, 'lacking');
    await admin.call('ACL', 'SETUSER', 'lacking', '-client|list', '-lindex');
    const watching = await check(broker(user), '--read-only');
    const operating = await check(broker(user));

    expect(watching.code).toBe(3);
    expect(reportsOf(watching)).toContainEqual(
      expect.objectContaining({
        engine: 'bull',
        fails: expect.arrayContaining([
          { feature: 'queues, tasks and schedules', denied: ['lindex'] },
          { feature: 'workers without an agent', denied: ['client|list'] },
        ]),
      }),
    );
    expect(JSON.stringify(reportsOf(watching))).not.toContain('removing');
    expect(JSON.stringify(reportsOf(operating))).toContain('removing');
  });

  test('check says that nobody answers, and never the password', async () => {
    const away = await check({ url: 'redis://:hush@127.0.0.1:9', engine: 'bull' });
    const wrong = await check({ url: `redis://nobody:hush@127.0.0.1:${redis.port}`, engine: 'bull' });

    expect(away.code).toBe(3);
    expect(reportsOf(away)).toEqual([expect.objectContaining({ connected: false, engine: 'bull' })]);
    expect(wrong.code).toBe(3);
    expect(reportsOf(wrong)).toEqual([
      expect.objectContaining({ connected: false, problem: 'Redis refuses the user name or password' }),
    ]);
    expect(`${away.stdout}${away.stderr}${wrong.stdout}${wrong.stderr}`).not.toContain('hush');
  });
});

describe('the least access to a RabbitMQ with Celery in it', () => {
  let rabbit: RabbitServer;
  let worker: CeleryWorkerProcess;
  let sender: CelerySender;

  beforeAll(async () => {
    rabbit = await startRabbitServer();
    worker = startCeleryWorker({ broker: rabbit.url, name: 'plain', pool: 'threads' });
    sender = startCelerySender({ broker: rabbit.url });
  }, 90_000);

  afterAll(async () => {
    await sender?.stop();
    await worker?.kill();
    await rabbit?.stop();
  });

  /** Makes a user by the line that check has printed, and names the broker by it. */
  const grant = async (level: 'watch' | 'operate'): Promise<object> => {
    const [report] = reportsOf(await check({ url: rabbit.url }));
    const line = isRecord(report?.grants) ? String(report?.grants[level]) : '';
    const patterns = [...line.matchAll(/'([^']+)'/g)].map(([, pattern = '']) => pattern);
    expect(patterns).toHaveLength(3);
    await rabbit.control('add_user', level, 'secret');
    await rabbit.control('set_permissions', level, ...patterns);
    return { url: `amqp://${level}:secret@127.0.0.1:${rabbit.port}//` };
  };

  const drain = (service: ServiceProcess, queue: string): Promise<Response> =>
    fetch(`${service.url}/api/v1/celery/queues/${queue}/drain`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ expected_count: 100 }),
    });

  test('to watch, is enough to see everything and to command workers', async () => {
    const broker = await grant('watch');
    const service = await start(broker);
    try {
      await eventually(
        async () => {
          const workers = recordsOf(await ask(service, 'workers/status'), 'workers');
          expect(workers).toEqual([expect.objectContaining({ name: 'plain@test', status: 'online' })]);
        },
        { within: 40_000, every: 500 },
      );
      const id = await sender.send({ name: 'tasks.sleep', args: [60], options: { countdown: 3600 } });
      await eventually(
        async () => expect(await ask(service, `tasks/${id}/revoke`, 'POST')).toMatchObject({ outcome: 'revoked' }),
        { within: 20_000, every: 500 },
      );
      expect(JSON.stringify(await ask(service, 'queues/status'))).toContain('"celery"');
      expect(await check(broker)).toMatchObject({ code: 0 });

      const refused = await drain(service, 'celery');
      expect(refused.ok).toBe(false);
      expect(await refused.text()).toContain('access rules of the broker deny');
    } finally {
      service.kill();
    }
  }, 120_000);

  test('to operate, is enough to empty a queue', async () => {
    const service = await start(await grant('operate'));
    try {
      // More than the worker runs and has fetched.
      await sender.sendMany({ name: 'tasks.sleep', args: [60], times: 20 });
      await eventually(
        async () => {
          const { removed_count } = Object(await (await drain(service, 'celery')).json());
          expect(removed_count).toBeGreaterThan(5);
        },
        { within: 40_000, every: 500 },
      );
    } finally {
      service.kill();
    }
  }, 60_000);
});
