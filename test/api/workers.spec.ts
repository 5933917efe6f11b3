import { afterEach, describe, expect, test } from '@jest/globals';
import { CAPABILITIES } from '../../src/core/queue-engine.js';
import { type ApiApp, startApiApp } from '../support/api-app.js';
import { aTask, aWorker, NOON } from '../support/builders.js';
import { FakeEngine } from '../support/fake-engine.js';

const WORKERS = '/api/v1/celery/workers';

let api: ApiApp | undefined;

afterEach(async () => {
  await api?.close();
  api = undefined;
});

const start = async (...engines: readonly FakeEngine[]): Promise<ApiApp> => {
  api = await startApiApp(engines);
  return api;
};

const BUSY = aWorker({
  name: 'trainer@host-1',
  host: 'host-1',
  pid: 4711,
  software: 'bull 4.16.5',
  agent: true,
  startedAt: NOON - 90_000,
  queues: ['training', 'tuning'],
  poolSize: 4,
  busy: 1,
  prefetchCount: 0,
  autoscale: { minimum: 2, maximum: 8 },
  eventsEnabled: true,
  processed: 120,
  resources: {
    measuredAt: NOON - 5000,
    processType: 'worker',
    memoryBytes: 90_000_000,
    cpuPercent: 150,
    diskReadBytes: 10,
    diskWriteBytes: null,
    processCount: 2,
  },
});

const BUSY_BODY = {
  source: 'bull',
  engine: 'bull',
  name: 'trainer@host-1',
  status: 'online',
  up: true,
  pool: { max_concurrency: 4, busy_workers: 1, autoscale: { minimum: 2, maximum: 8 } },
  prefetch_count: 0,
  host: 'host-1',
  pid: 4711,
  software: 'bull 4.16.5',
  events_enabled: true,
  agent: true,
  started_at: '2026-01-02T10:28:30.000Z',
  uptime_seconds: 90,
  last_seen_at: '2026-01-02T10:30:00.000Z',
  queues: ['training', 'tuning'],
  processed: 120,
  active_tasks: [
    {
      source: 'bull',
      engine: 'bull',
      worker: 'trainer@host-1',
      task_id: 'training:1',
      task_name: 'training',
      time_start: NOON / 1000 - 2,
      queue: 'training',
      sent_at: '2026-01-02T10:30:00.000Z',
      attempts: 1,
    },
  ],
  resources: {
    measured_at: '2026-01-02T10:29:55.000Z',
    process_type: 'worker',
    memory_bytes: 90_000_000,
    cpu_percent: 150,
    disk_read_bytes: 10,
    disk_write_bytes: null,
    process_count: 2,
  },
};

const BARE_BODY = {
  source: 'bull',
  engine: 'bull',
  name: 'worker-1',
  status: 'online',
  up: true,
  pool: { max_concurrency: null, busy_workers: null, autoscale: null },
  prefetch_count: null,
  host: null,
  pid: null,
  software: null,
  events_enabled: null,
  agent: false,
  started_at: null,
  uptime_seconds: null,
  last_seen_at: '2026-01-02T10:30:00.000Z',
  queues: null,
  processed: null,
  active_tasks: [],
  resources: null,
};

function busyEngine(name = 'bull'): FakeEngine {
  const engine = new FakeEngine({ name });
  const running = { state: 'STARTED', startedAt: NOON - 2000, attempts: 1 } as const;
  engine.setSnapshot({
    workers: [BUSY, aWorker()],
    active: {
      tasks: [aTask({ ...running, worker: 'trainer@host-1' }), aTask({ ...running, id: 'training:2', worker: null })],
      total: 2,
    },
  });
  return engine;
}

describe('GET /api/v1/celery/workers/status', () => {
  test('answers in the shape of the guide, with null for what a worker without an agent does not tell', async () => {
    const { request } = await start(busyEngine());

    const response = await request.get(`${WORKERS}/status`);

    expect(response.status).toBe(200);
    expect(response.body).toEqual({
      timestamp: '2026-01-02T10:30:00.000Z',
      total_workers: 2,
      workers_up: 2,
      workers: [BUSY_BODY, BARE_BODY],
      truncated: false,
      sources: [
        {
          source: 'bull',
          engine: 'bull',
          connection: 'connected',
          as_of: '2026-01-02T10:30:00.000Z',
          stale: false,
          problem: null,
        },
      ],
    });
  });

  test('goes on listing a worker that vanished, as lost and without an uptime', async () => {
    const engine = busyEngine();
    const { request } = await start(engine);
    await request.get(`${WORKERS}/status`);
    engine.setSnapshot({ workers: [aWorker()] });

    const { body } = await request.get(`${WORKERS}/status`);

    expect(body).toMatchObject({
      total_workers: 2,
      workers_up: 1,
      workers: [
        { name: 'trainer@host-1', status: 'lost', up: false, uptime_seconds: null, active_tasks: [] },
        { name: 'worker-1', status: 'online', up: true },
      ],
    });
  });

  test('does not pretend to know who runs what where the engine does not tell', async () => {
    const engine = new FakeEngine({ capabilities: CAPABILITIES.filter((capability) => capability !== 'task-worker') });
    engine.setSnapshot({ workers: [aWorker()] });
    const { request } = await start(engine);

    const { body } = await request.get(`${WORKERS}/status`);

    expect(body.workers[0].active_tasks).toBeNull();
  });

  test('counts exactly and says that it cut the list', async () => {
    const { request } = await start(busyEngine());

    const { body } = await request.get(`${WORKERS}/status?limit=1`);

    expect(body).toMatchObject({ total_workers: 2, workers_up: 2, truncated: true });
    expect(body.workers).toHaveLength(1);
  });

  test('refuses a limit beyond its bound', async () => {
    const { request } = await start(busyEngine());

    const response = await request.get(`${WORKERS}/status?limit=5001`);

    expect(response.status).toBe(400);
    expect(response.body.detail).toBe('limit: expected a whole number from 1 to 5000, found 5001');
  });
});

describe('GET /api/v1/celery/workers/{name}', () => {
  test('tells of one worker', async () => {
    const { request } = await start(busyEngine(), new FakeEngine({ name: 'away', connection: 'disconnected' }));

    const response = await request.get(`${WORKERS}/trainer%40host-1`);

    expect(response.status).toBe(200);
    expect(response.body).toEqual(BUSY_BODY);
  });

  test('is 404 for an unknown worker', async () => {
    const { request } = await start(busyEngine());

    const response = await request.get(`${WORKERS}/nobody`);

    expect(response.status).toBe(404);
    expect(response.body).toEqual({
      type: 'urn:taskscope:problem:worker-not-found',
      title: 'Worker not found',
      status: 404,
      detail: 'expected the name of a worker, found "nobody"',
      instance: `${WORKERS}/nobody`,
      name: 'nobody',
    });
  });

  test('is 503, not 404, while a source that might have it has not answered', async () => {
    const { request } = await start(busyEngine(), new FakeEngine({ name: 'away', connection: 'disconnected' }));

    const response = await request.get(`${WORKERS}/nobody`);

    expect(response.status).toBe(503);
    expect(response.body).toMatchObject({
      type: 'urn:taskscope:problem:source-unavailable',
      detail: 'no worker "nobody" is known, but "away" has not answered yet: connection refused',
      source: 'away',
    });
  });

  test('is 409 with the sources that have it, until one is named', async () => {
    const { request } = await start(busyEngine('one'), busyEngine('two'));

    const ambiguous = await request.get(`${WORKERS}/worker-1`);
    const settled = await request.get(`${WORKERS}/worker-1?source=two`);

    expect(ambiguous.status).toBe(409);
    expect(ambiguous.body).toEqual({
      type: 'urn:taskscope:problem:ambiguous-name',
      title: 'Ambiguous name',
      status: 409,
      detail: 'expected a worker that one source has, found "worker-1" in 2; give ?source=',
      instance: `${WORKERS}/worker-1`,
      name: 'worker-1',
      candidates: [
        { source: 'one', engine: 'bull' },
        { source: 'two', engine: 'bull' },
      ],
    });
    expect(settled.status).toBe(200);
    expect(settled.body.name).toBe('worker-1');
  });
});

describe('what a worker tells of itself', () => {
  const WORKER = `${WORKERS}/trainer@host-1/inspection`;

  test('is sorted, counted, and cut where it is long', async () => {
    const engine = new FakeEngine({ engine: 'celery' });
    engine.setSnapshot({ workers: [BUSY] });
    const plain = { rateLimit: null, softSeconds: null, hardSeconds: null, maxRetries: 3 };
    engine.inspection = {
      tasks: [
        { ...plain, name: 'b' },
        { name: 'a', rateLimit: '10/m', softSeconds: 1.5, hardSeconds: 2, maxRetries: null },
      ],
      settings: { timezone: 'UTC' },
      statistics: null,
      revoked: Array.from({ length: 1_001 }, (_, at) => `id-${at}`),
    };
    const { request } = await start(engine);

    const { status, body } = await request.get(WORKER);

    expect(status).toBe(200);
    expect(body).toMatchObject({
      worker: 'trainer@host-1',
      tasks: [
        { name: 'a', rate_limit: '10/m', soft_time_limit_seconds: 1.5, time_limit_seconds: 2, max_retries: null },
        { name: 'b', rate_limit: null, soft_time_limit_seconds: null, time_limit_seconds: null, max_retries: 3 },
      ],
      total_tasks: 2,
      settings: { timezone: 'UTC' },
      statistics: null,
      total_revoked: 1_001,
    });
    expect(body.revoked).toHaveLength(1_000);
  });

  test('is refused where the engine cannot ask, and 404 where there is no such worker', async () => {
    const engine = new FakeEngine({ capabilities: [] });
    engine.setSnapshot({ workers: [BUSY] });
    const { request } = await start(engine);

    expect((await request.get(WORKER)).status).toBe(409);
    expect((await request.get(`${WORKERS}/nosuch/inspection`)).status).toBe(404);
  });
});
