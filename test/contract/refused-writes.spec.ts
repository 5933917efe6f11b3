import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Bull from 'bull';
import { Queue } from 'bullmq';
import { type ApiToken, makeToken } from '../../src/auth/api-token.js';
import { MemoryTokenStore } from '../../src/auth/memory-token-store.js';
import { Roles } from '../../src/auth/roles.js';
import { SystemClock } from '../../src/core/clock.js';
import { CHANGING } from '../../src/core/permissions.js';
import type { QueueEngine } from '../../src/core/queue-engine.js';
import { redactor } from '../../src/core/redaction.js';
import type { EngineKind } from '../../src/core/source.js';
import { createEngine } from '../../src/engines/create-engine.js';
import { type ApiApp, startApiApp } from '../support/api-app.js';
import { type BrokerWrites, watchRabbitWrites, watchRedisWrites } from '../support/broker-writes.js';
import { startCelerySender, startCeleryWorker } from '../support/celery-worker.js';
import { eventually } from '../support/eventually.js';
import { type Handler, handlersOf } from '../support/handlers.js';
import { startRabbitServer } from '../support/rabbitmq-server.js';
import { recordsOf } from '../support/records.js';
import { startRedisServer } from '../support/redis-server.js';

const API = '/api/v1/celery';
const DAY_MS = 86_400_000;
const SOURCES = ['bull', 'bullmq', 'celery', 'rabbit'] as const;
type SourceName = (typeof SOURCES)[number];

/** What a route needs in its body to do something; those that are not named take none. */
const BODIES: readonly (readonly [RegExp, (target: Target) => object])[] = [
  [/\/tasks$/, ({ queue }) => ({ name: 'tasks.add', queue, args: [1, 2] })],
  [/\/clean$/, () => ({ tasks: 'delayed', expected_count: 1 })],
  [/\/drain$/, () => ({ delayed: true, expected_count: 1 })],
  [/\/obliterate$/, () => ({ force: true, expected_count: 1 })],
  [/\/pool$/, () => ({ action: 'grow' })],
  [/\/autoscale$/, () => ({ minimum: 1, maximum: 2 })],
  [/\/events$/, () => ({ enabled: false })],
  [/\/rate-limit$/, () => ({ task: 'tasks.add', limit: '1/s' })],
  [/\/time-limit$/, () => ({ task: 'tasks.add', soft_seconds: 1, hard_seconds: 2 })],
  [/\/stamped-revocations$/, () => ({ stamp: 'tenant', values: ['1'] })],
  [/\/schedules\/\{id\}$/, () => ({ every_seconds: 60 })],
  [/\/tasks\/\{id\}$/, () => ({ delay_seconds: 5 })],
  [/\/bulk-operations$/, ({ task, source }) => ({ action: 'revoke', ids: [task], source, expected_count: 1 })],
];

/** What there is to act on in a source. */
interface Target {
  readonly source: SourceName;
  readonly task: string;
  readonly queue: string;
  readonly worker: string;
  readonly schedule: string;
}

const endings: (() => unknown)[] = [];
const tokens = new MemoryTokenStore();
const targets = new Map<SourceName, Target>();
let api: ApiApp;
let redisWrites: BrokerWrites;
let rabbitWrites: BrokerWrites;
let urls: Record<SourceName, string>;

beforeAll(async () => {
  const [redis, rabbit] = await Promise.all([
    startRedisServer({ args: ['--unixsocket', 'redis.sock'] }),
    startRabbitServer(),
  ]);
  endings.push(() => Promise.all([redis.stop(), rabbit.stop()]));
  const socket = join(redis.dir, 'redis.sock');
  urls = { bull: redis.url, bullmq: redis.url, celery: redis.url, rabbit: rabbit.url };

  const sent = await Promise.all(
    [`redis+socket://${socket}`, rabbit.url].map(async (broker) => {
      const worker = startCeleryWorker({ broker, name: 'hands', pool: 'threads', args: ['--without-gossip'] });
      const sender = startCelerySender({ broker });
      endings.push(() => Promise.all([worker.kill(), sender.stop()]));
      // The worker holds it for an hour.
      const task = await sender.send({ name: 'tasks.add', args: [1, 2], options: { countdown: 3600 } });
      await sender.send({ name: 'tasks.add', args: [1, 2], options: { queue: 'idle' } });
      return { task, queue: 'idle', worker: worker.name, schedule: 'none' };
    }),
  );
  const [celery, overRabbit] = sent;
  if (celery === undefined || overRabbit === undefined) throw new Error('expected two applications of Celery');
  targets.set('celery', { source: 'celery', ...celery }).set('rabbit', { source: 'rabbit', ...overRabbit });

  const bull = new Bull('orders', { redis: { path: socket } });
  const bullmq = new Queue('mails', { connection: { path: socket } });
  endings.push(() => Promise.all([bull.close(), bullmq.close()]));
  await bull.add({}, { jobId: 'later', delay: 3_600_000 });
  await bull.add({}, { repeat: { every: 3_600_000 } });
  await bullmq.add('send', {}, { jobId: 'later', delay: 3_600_000 });
  await bullmq.upsertJobScheduler('hourly', { every: 3_600_000 });

  const engines = SOURCES.map((source) => engineOf(source));
  api = await startApiApp(engines, { tokens, rules: { required: true }, commandDeadlineMs: 5_000 });
  endings.push(() => api.close());
  const admin = await tokenOf('admin');
  const get = async (path: string): Promise<unknown> =>
    (await fetch(api.baseUrl + API + path, { headers: { authorization: `Bearer ${admin}` } })).json();
  await eventually(
    async () => {
      const schedules = recordsOf(await get('/schedules'), 'items');
      for (const [source, name, queue] of [
        ['bull', 'orders', 'orders'],
        ['bullmq', 'mails', 'mails'],
      ] as const) {
        const schedule = String(schedules.find((found) => found.source === source)?.id);
        expect(schedule).not.toBe('undefined');
        targets.set(source, { source, task: `${name}:later`, queue, worker: 'none', schedule });
      }
      for (const source of ['celery', 'rabbit'] as const) {
        const workers = recordsOf(await get(`/workers/status?source=${source}`), 'workers');
        expect(workers).toEqual([expect.objectContaining({ up: true, queues: ['celery'] })]);
        expect(await get(`/tasks/${targets.get(source)?.task}?source=${source}`)).toMatchObject({ state: 'RECEIVED' });
      }
    },
    { within: 60_000, every: 250 },
  );
  redisWrites = await watchRedisWrites(socket);
  rabbitWrites = await watchRabbitWrites(rabbit);
  endings.push(() => Promise.all([redisWrites.stop(), rabbitWrites.stop()]));
}, 150_000);

afterAll(async () => {
  for (let end = endings.pop(); end !== undefined; end = endings.pop()) await end();
}, 60_000);

function engineOf(source: SourceName): QueueEngine {
  const engine: EngineKind = source === 'rabbit' ? 'celery' : source;
  return createEngine({
    source: { name: source, engine, location: 'test' },
    url: urls[source],
    clock: new SystemClock(),
    redact: redactor(),
    log: () => undefined,
  });
}

async function tokenOf(role: string, said: Partial<ApiToken> = {}): Promise<string> {
  const now = Date.now();
  const { text, token } = makeToken({
    name: role,
    role,
    permissions: [...(new Roles().named(role)?.permissions ?? [])],
    actions: null,
    sources: null,
    queues: null,
    createdAt: now,
    createdBy: 'test',
    expiresAt: now + 1000 * DAY_MS,
    ...said,
  });
  await tokens.add(token);
  return text;
}

/** Handlers that change something in a broker, or might: all that are not read by GET and need somebody. */
function changing(): readonly Handler[] {
  return handlersOf(api).filter(({ method, access }) => method !== 'GET' && access !== 'public');
}

/** Those of them that reach a broker: neither tokens nor notes do. */
function onBrokers(): readonly Handler[] {
  return changing().filter(({ access }) => [...CHANGING].some((permission) => permission === access));
}

async function ask(handler: Handler, target: Target, bearer: string | null, of = api): Promise<number> {
  const values: Readonly<Record<string, string>> = {
    tasks: target.task,
    schedules: target.schedule,
    workers: target.worker,
    queues: target.queue,
  };
  const path = handler.path.replaceAll(
    /([\w-]+)\/\{\w+\}/g,
    (_, of: string) => `${of}/${encodeURIComponent(values[of] ?? 'none')}`,
  );
  const body = BODIES.find(([route]) => route.test(handler.path))?.[1](target);
  const withBody = body !== undefined && handler.method !== 'DELETE';
  // Of these the body names the source, or there is none.
  const query = /\/(?:bulk-operations|tokens)/.test(path) ? '' : `?source=${target.source}`;
  const response = await fetch(of.baseUrl + path + query, {
    method: handler.method,
    headers: {
      ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
      ...(withBody ? { 'content-type': 'application/json' } : {}),
    },
    ...(withBody ? { body: JSON.stringify(body) } : {}),
  });
  await response.arrayBuffer();
  return response.status;
}

/** Everything that was asked with another answer than one of these. */
async function unlike(expected: readonly number[], handlers: readonly Handler[], bearer: string | null, of = api) {
  const wrong: string[] = [];
  for (const handler of handlers)
    for (const target of targets.values()) {
      const status = await ask(handler, target, bearer, of);
      if (!expected.includes(status)) wrong.push(`${status} ${handler.method} ${handler.path} ${target.source}`);
    }
  return wrong;
}

const written = async () => ({ redis: await redisWrites.told(), rabbit: await rabbitWrites.told() });
const NOTHING = { redis: [], rabbit: [] };

describe('what is refused writes nothing to Redis or RabbitMQ', () => {
  test('of nobody, and of tokens that are wrong, expired or revoked', async () => {
    const revoked = await tokenOf('admin');
    await tokens.remove(revoked.slice(4, 12));
    const expired = await tokenOf('admin', { expiresAt: 1 });

    for (const bearer of [null, 'tsk_00000000_x', expired, revoked]) {
      expect(await unlike([401], changing(), bearer)).toEqual([]);
    }
    expect(await written()).toEqual(NOTHING);
  }, 60_000);

  test.each(['viewer', 'operator'])(
    'of a %s beyond the role',
    async (role) => {
      const may = new Roles().named(role)?.permissions ?? new Set<string>();
      const beyond = changing().filter(({ access }) => ![...may].some((permission) => permission === access));

      expect(beyond.length).toBeGreaterThan(5);
      expect(await unlike([403], beyond, await tokenOf(role))).toEqual([]);
      expect(await written()).toEqual(NOTHING);
    },
    60_000,
  );

  test('of an admin of other sources, of other queues, or of other actions', async () => {
    // A bulk operation is taken, and finds none of the tasks.
    const outOfScope = [202, 403, 404, 409];

    expect(await unlike(outOfScope, onBrokers(), await tokenOf('admin', { sources: ['elsewhere'] }))).toEqual([]);
    expect(await unlike(outOfScope, onBrokers(), await tokenOf('admin', { queues: ['elsewhere'] }))).toEqual([]);
    expect(await unlike([403], onBrokers(), await tokenOf('admin', { actions: ['none'] }))).toEqual([]);
    expect(await written()).toEqual(NOTHING);
  }, 60_000);

  test('of an admin of a read-only service', async () => {
    const readOnly = await startApiApp(
      SOURCES.map((source) => engineOf(source)),
      { tokens, rules: { required: true, readOnly: true } },
    );
    try {
      expect(await unlike([403], onBrokers(), await tokenOf('admin'), readOnly)).toEqual([]);
    } finally {
      await readOnly.close();
    }
    expect(await written()).toEqual(NOTHING);
  }, 60_000);

  test('and what is not refused does, and is seen to', async () => {
    const bearer = await tokenOf('admin');
    const revoke = changing().find(({ path }) => path.endsWith('/revoke'));
    if (revoke === undefined) throw new Error('expected a route to revoke tasks');

    for (const target of targets.values()) expect([200, 202]).toContain(await ask(revoke, target, bearer));

    const { redis, rabbit } = await written();
    for (const text of ['bull:orders:', 'bull:mails:', '/0.celery.pidbox'])
      expect(redis.filter((line) => line.includes(text))).not.toEqual([]);
    expect(rabbit).toEqual([expect.stringMatching(/^celery\.pidbox .*"revoke"/)]);
  }, 60_000);
});
