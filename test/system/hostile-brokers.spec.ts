import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Bull from 'bull';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { load } from 'js-yaml';
import { eventually } from '../support/eventually.js';
import { operationsOf } from '../support/fuzz-requests.js';
import { HOSTILE_STRINGS } from '../support/hostile-strings.js';
import { recordsOf } from '../support/records.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.js';

const API = '/api/v1/celery';
const HONEST = 25;
const QUEUES = 5000;
const MEBIBYTE = 1024 * 1024;

/** What has broken readers of JSON, of Python's values and of compressed messages. */
const PAYLOADS: readonly (string | Buffer)[] = [
  '',
  'no JSON',
  'null',
  '[]',
  '{}',
  '{"unfinished": ',
  '1e999',
  'NaN',
  '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}',
  `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
  `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
  `{${Array.from({ length: 50_000 }, (_, at) => `"key${at}":1`).join()}}`,
  JSON.stringify('x'.repeat(3 * MEBIBYTE)),
  '"\\u0000\\u001b[2J\\ud800\\u202e"',
  // A pickle that would run a program, and bytes that are no text.
  Buffer.from('gASVHgAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOUjAR0cnVllIWUUpQu', 'base64'),
  Buffer.from([0xff, 0xfe, 0xc0, 0x80, 0x00, 0xed, 0xa0, 0x80]),
];

/** As Bull keeps it: a queue without any is none to us. */
const JOB = { name: 'ok', data: '{}', opts: '{}', timestamp: '1', delay: '0', priority: '0' };

const data = mkdtempSync(join(tmpdir(), 'taskscope-hostile-'));
const endings: (() => unknown)[] = [];
let redis: RedisServer;
let attacker: Redis;
let service: ServiceProcess;

beforeAll(async () => {
  redis = await startRedisServer({ args: ['--appendonly', 'no'] });
  endings.push(() => redis.stop());
  attacker = new Redis(redis.url);
  endings.push(() => attacker.disconnect());
  const [evil, wicked] = [new Bull('evil', redis.url), new Queue('wicked', { connection: { port: redis.port } })];
  await Promise.all([evil.add({}), wicked.add('real', {})]);
  await Promise.all([evil.close(), wicked.close()]);
  service = await startServiceProcess(
    process.execPath,
    ['dist/src/cli.js', '--port', '0', '--data', data, '--history'].concat(
      ['bull', 'bullmq', 'celery'].map((engine) => `${engine}=${engine}+${redis.url}`),
    ),
    { within: 60_000 },
  );
  endings.push(() => service.kill());
  await eventually(
    async () => {
      const sources = recordsOf(await read(`${API}/sources`), 'items');
      expect(sources.map(({ connection }) => connection)).toEqual(['connected', 'connected', 'connected']);
    },
    { within: 30_000 },
  );
}, 120_000);

afterAll(async () => {
  for (let end = endings.pop(); end !== undefined; end = endings.pop()) await end();
  rmSync(data, { recursive: true, force: true });
});

const read = async (path: string): Promise<unknown> => (await fetch(service.url + path)).json();

/** A message as kombu wraps it. */
function envelope(body: string | Buffer, said: { readonly type?: string; readonly compression?: string } = {}): string {
  return JSON.stringify({
    body: Buffer.from(body).toString('base64'),
    'content-encoding': 'utf-8',
    'content-type': said.type ?? 'application/json',
    headers: { ...(said.compression === undefined ? {} : { compression: said.compression }), id: 'x', task: 'x' },
    properties: { body_encoding: 'base64', delivery_tag: 'x', delivery_info: { exchange: '', routing_key: 'celery' } },
  });
}

/** A gibibyte of nothing in a megabyte. */
function bombs(): readonly string[] {
  const bomb = deflateSync(Buffer.alloc(1024 * MEBIBYTE));
  const packed = ['application/x-gzip', 'application/x-bz2', 'application/x-lzma', 'application/zstd', 'zlib'];
  return packed.map((compression) => envelope(bomb, { compression }));
}

async function attackCelery(): Promise<void> {
  const events = PAYLOADS.map((payload) => envelope(payload));
  const asEvent = (fields: object): string =>
    envelope(JSON.stringify({ type: 'task-received', hostname: 'w', timestamp: 1, pid: 1, clock: 1, ...fields }));
  const hostile = HOSTILE_STRINGS.map((text) =>
    asEvent({ uuid: text, name: text, hostname: text, args: text, kwargs: text, exception: text, traceback: text }),
  );
  const long = 'n'.repeat(MEBIBYTE);
  const odd = [
    asEvent({ uuid: long, name: long, hostname: long }),
    asEvent({ type: 'worker-heartbeat', hostname: long, freq: 1e308, processed: -1, active: 'x' }),
    asEvent({ type: 'task-succeeded', uuid: 'r', result: '['.repeat(100_000), runtime: -1e308, timestamp: 1e300 }),
    asEvent({ type: 'task-failed', uuid: 'r', exception: '('.repeat(100_000), traceback: `${'\n'.repeat(1e5)}E(` }),
    ...['__proto__', 'constructor', 'toString'].map((text) => asEvent({ uuid: text, name: text, hostname: text })),
  ];
  const huge = envelope('x'.repeat(20 * MEBIBYTE));
  for (const message of [huge, ...PAYLOADS, ...events, ...hostile, ...odd, ...bombs()])
    await attacker.publish('/0.celeryev/task.received', message);

  await attacker.sadd('_kombu.binding.celery', 'celery\x06\x16\x06\x16celery', 'no separators', '\x06\x16\x06\x16');
  await attacker.lpush('celery', ...PAYLOADS.slice(0, 12), ...events.slice(0, 12), ...bombs());
  for (const [at, payload] of PAYLOADS.entries()) await attacker.set(`celery-task-meta-poison-${at}`, payload);
}

/** Both libraries keep a job in a hash, and tell its changes each in its way. */
async function attackJobs(
  queue: string,
  tell: (id: string, payload: string | Buffer) => Promise<unknown>,
): Promise<void> {
  for (const [at, payload] of PAYLOADS.entries()) {
    const id = `poison-${at}`;
    const fields = [
      'name',
      'data',
      'opts',
      'returnvalue',
      'stacktrace',
      'progress',
      'failedReason',
      'timestamp',
      'delay',
    ];
    const small = payload.length > 1000 ? ['data', 'returnvalue', 'opts'] : fields;
    await attacker.hset(`bull:${queue}:${id}`, Object.fromEntries(small.map((field) => [field, payload])));
    await attacker.zadd(`bull:${queue}:failed`, Date.now(), id);
    await attacker.lpush(`bull:${queue}:wait`, id);
    await attacker.rpush(`bull:${queue}:${id}:logs`, payload);
    await tell(id, payload);
  }
  // Keys of other kinds than the library's.
  await attacker.set(`bull:${queue}-odd:wait`, 'x');
  await attacker.set(`bull:${queue}-odd:id`, 'not a number');
  await attacker.lpush(`bull:${queue}-odd:meta`, 'x');
  await attacker.sadd(`bull:${queue}-odd:events`, 'x');
  await attacker.hset(`bull:${queue}-odd:failed`, 'x', 'y');
}

/** As an application would: they must be counted whatever else is going on. */
async function workHonestly(): Promise<void> {
  const bull = new Bull('honest', redis.url);
  void bull.process('*', async () => 1);
  const bullmq = new Queue('upright', { connection: { port: redis.port } });
  const worker = new Worker('upright', async () => 1, { connection: { port: redis.port } });
  endings.push(() => Promise.all([bull.close(), worker.close(), bullmq.close()]));
  for (let at = 0; at < HONEST; at += 1) {
    await bull.add('ok', {});
    await bullmq.add('ok', {});
    const event = {
      hostname: 'w1',
      pid: 1,
      utcoffset: 0,
      uuid: `honest-${at}`,
      timestamp: Date.now() / 1000,
      clock: at,
    };
    const told = [
      { type: 'task-received', name: 'tasks.ok', args: '()', kwargs: '{}', ...event },
      { type: 'task-started', ...event, timestamp: event.timestamp + 0.001 },
      { type: 'task-succeeded', result: '1', runtime: 0.001, ...event, timestamp: event.timestamp + 0.002 },
    ];
    for (const one of told) await attacker.publish('/0.celeryev/task.told', envelope(JSON.stringify(one)));
  }
}

const succeeded = (metrics: string, name: string): number =>
  Number(
    new RegExp(`^celery_task_total\\{task_name="${name}",status="success",[^}]*\\} (\\d+)`, 'm').exec(metrics)?.[1] ??
      0,
  );

describe('a broker that holds what it should not', () => {
  test('on Bull, BullMQ and Celery costs no honest task, no answer and little memory', async () => {
    const before = residentMegabytes();
    const honest = workHonestly();
    await attackCelery();
    await attackJobs('evil', (id, payload) =>
      Promise.all([
        attacker.publish(`bull:evil:completed@token:${id}`, payload),
        attacker.publish('bull:evil:completed', payload),
        attacker.publish('bull:evil:failed', payload),
        attacker.publish('bull:evil:progress', payload),
      ]),
    );
    await attackJobs('wicked', (id, payload) =>
      Promise.all(
        ['completed', 'failed', 'progress', 'added', '__proto__'].map((event) =>
          attacker.xadd(
            'bull:wicked:events',
            '*',
            ...['event', event, 'jobId', id, 'returnvalue', payload, 'failedReason', payload, 'data', payload],
          ),
        ),
      ),
    );

    await honest;
    await eventually(
      async () => {
        const metrics = await (await fetch(`${service.url}/metrics`)).text();
        const counted = ['honest.ok', 'upright.ok', 'tasks.ok'].map((name) => succeeded(metrics, name));
        expect(counted).toEqual([HONEST, HONEST, HONEST]);
        expect(metrics).toMatch(/^taskscope_events_rejected_total\{source="celery",reason="oversized"\} [1-9]/m);
      },
      { within: 120_000, every: 500 },
    );
    expect(await failing(pages())).toEqual([]);
    expect(JSON.stringify(await read(`${API}/sources`))).not.toContain('polluted');
    expect(service.output()).not.toMatch(/TypeError|RangeError|SyntaxError|UnhandledPromise/);
    expect(residentMegabytes() - before).toBeLessThan(300);
  }, 240_000);

  test('with five thousand queues of each is still watched', async () => {
    for (let from = 0; from < QUEUES; from += 1000) {
      const adding = attacker.pipeline();
      for (let at = from; at < from + 1000; at += 1) {
        adding.set(`bull:many${at}:id`, '1');
        adding.lpush(`bull:many${at}:wait`, '1');
        adding.hset(`bull:many${at}:1`, JOB);
        adding.hset(`bull:more${at}:meta`, 'opts.maxLenEvents', '10000');
        adding.sadd('_kombu.binding.celery', `much${at}\x06\x16\x06\x16much${at}`);
      }
      await adding.exec();
    }

    await eventually(
      async () => {
        for (const source of ['bull', 'bullmq', 'celery']) {
          const { summary }: { summary?: { queues?: number } } = Object(
            await read(`${API}/queues/status?source=${source}&limit=1`),
          );
          expect(summary?.queues).toBeGreaterThanOrEqual(QUEUES);
        }
      },
      { within: 120_000, every: 1_000 },
    );
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    // Of each source further ones are added up in one.
    expect(metrics.match(/^celery_queue_length\{/gm)?.length).toBeLessThanOrEqual(2000 + 3);
    expect((await fetch(`${service.url}/health/live`)).status).toBe(200);
  }, 180_000);
});

/** Everything that can be read, of what is poisoned. */
function pages(): readonly string[] {
  const document: unknown = load(readFileSync('openapi.yaml', 'utf8'));
  const poisoned = PAYLOADS.flatMap((_, at) => ['', 'evil:', 'wicked:'].map((queue) => `${queue}poison-${at}`));
  const known: Readonly<Record<string, readonly string[]>> = {
    tasks: [...poisoned, '__proto__', 'r', 'toString'],
    queues: ['evil', 'wicked', 'celery', 'evil-odd', 'wicked-odd'],
    workers: ['__proto__', 'w'],
  };
  return operationsOf(document).flatMap(({ method, path }) => {
    if (method !== 'GET' || /\/(?:live|events)$/.test(path)) return [];
    const [, kind = ''] = /([\w-]+)\/\{\w+\}/.exec(path) ?? [];
    const values = kind === '' ? [''] : (known[kind] ?? ['none']);
    return values.map((value) => path.replace(/\{\w+\}/, encodeURIComponent(value)));
  });
}

/** Those that are answered by a failure of ours. */
async function failing(paths: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  const left = [...paths];
  const work = async (): Promise<void> => {
    for (let path = left.pop(); path !== undefined; path = left.pop()) {
      const answer = await fetch(service.url + path);
      const text = await answer.text();
      // A broker that is slow under all of this is no failure of ours, as long as that is said.
      if (answer.status >= 500 && answer.status !== 503) found.push(`${answer.status} ${path} ${text.slice(0, 200)}`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  return found;
}

function residentMegabytes(): number {
  const pid = /"pid":(\d+)/.exec(service.output())?.[1] ?? 'self';
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}
