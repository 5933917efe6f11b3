import { afterEach, describe, expect, test } from '@jest/globals';
import { type ApiApp, startApiApp } from '../support/api-app.js';
import { aQueue, NOON } from '../support/builders.js';
import { FakeEngine } from '../support/fake-engine.js';

const QUEUES = '/api/v1/celery/queues';

let api: ApiApp | undefined;

afterEach(async () => {
  await api?.close();
  api = undefined;
});

const start = async (...engines: readonly FakeEngine[]): Promise<ApiApp> => {
  api = await startApiApp(engines);
  return api;
};

const FULL = aQueue({
  name: 'training',
  length: 12,
  byPriority: [
    { priority: 1, length: 2 },
    { priority: null, length: 10 },
  ],
  active: 3,
  delayed: 4,
  unacknowledged: null,
  kept: { succeeded: 100, failed: 5 },
  consumers: 2,
  oldestWaitingSeconds: 8.5,
  paused: false,
  limits: { concurrency: 4, rate: { tasks: 10, periodMs: 1_500 }, heldBackMs: 250 },
  waitingChildren: 6,
  orphaned: 1,
  schedules: [
    {
      id: 'nightly',
      name: 'training.retrain',
      cron: '0 3 * * *',
      everyMs: null,
      timeZone: 'UTC',
      nextAt: NOON + 60_000,
      lastAt: NOON - 60_000,
      missed: false,
      missedRuns: 0,
    },
    {
      id: 'often',
      name: 'training',
      cron: null,
      everyMs: 1500,
      timeZone: null,
      nextAt: null,
      lastAt: null,
      missed: true,
      missedRuns: 3,
    },
  ],
});

const FULL_BODY = {
  source: 'bull',
  engine: 'bull',
  name: 'training',
  length: 12,
  by_priority: [
    { priority: 1, length: 2 },
    { priority: null, length: 10 },
  ],
  active: 3,
  delayed: 4,
  waiting_children: 6,
  unacknowledged: null,
  orphaned: 1,
  kept: { succeeded: 100, failed: 5 },
  consumers: 2,
  unattended: false,
  oldest_waiting_seconds: 8.5,
  paused: false,
  limits: { concurrency: 4, rate: { tasks: 10, period_seconds: 1.5 }, held_back_seconds: 0.25 },
};

function engineWith(name: string, ...queues: Parameters<typeof aQueue>): FakeEngine {
  const engine = new FakeEngine({ name });
  engine.setSnapshot({ queues: [FULL, ...queues.map(aQueue)] });
  return engine;
}

describe('GET /api/v1/celery/queues/status', () => {
  test('tells of every queue, and sums what can be summed', async () => {
    const { request } = await start(engineWith('bull', { name: 'a:b', length: 1, delayed: null }));

    const response = await request.get(`${QUEUES}/status`);

    expect(response.status).toBe(200);
    expect(response.body).toEqual({
      timestamp: '2026-01-02T10:30:00.000Z',
      summary: { queues: 2, length: 13, active: 3, delayed: null, unacknowledged: null },
      queues: [
        FULL_BODY,
        {
          source: 'bull',
          engine: 'bull',
          name: 'a:b',
          length: 1,
          by_priority: null,
          active: 0,
          delayed: null,
          waiting_children: null,
          unacknowledged: null,
          orphaned: null,
          kept: null,
          consumers: null,
          unattended: null,
          oldest_waiting_seconds: null,
          paused: false,
          limits: null,
        },
      ],
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

  test('sums over what it cut, too', async () => {
    const { request } = await start(engineWith('bull', { name: 'other', length: 1 }));

    const { body } = await request.get(`${QUEUES}/status?limit=1`);

    expect(body).toMatchObject({ summary: { queues: 2, length: 13 }, truncated: true });
    expect(body.queues).toHaveLength(1);
  });

  test('tells of the other source when one is down', async () => {
    const { request } = await start(engineWith('up'), new FakeEngine({ name: 'away', connection: 'disconnected' }));

    const response = await request.get(`${QUEUES}/status`);

    expect(response.status).toBe(200);
    expect(response.body.summary.queues).toBe(1);
    expect(response.body.sources).toMatchObject([{ source: 'up' }, { source: 'away', problem: 'connection refused' }]);
  });
});

describe('GET /api/v1/celery/queues/{name}', () => {
  test('tells of one queue, with its schedules', async () => {
    const { request } = await start(engineWith('bull'));

    const response = await request.get(`${QUEUES}/training`);

    expect(response.status).toBe(200);
    expect(response.body).toEqual({
      ...FULL_BODY,
      schedules: [
        {
          id: 'nightly',
          name: 'training.retrain',
          cron: '0 3 * * *',
          every_seconds: null,
          time_zone: 'UTC',
          next_at: '2026-01-02T10:31:00.000Z',
          last_at: '2026-01-02T10:29:00.000Z',
          missed: false,
          missed_runs: 0,
        },
        {
          id: 'often',
          name: 'training',
          cron: null,
          every_seconds: 1.5,
          time_zone: null,
          next_at: null,
          last_at: null,
          missed: true,
          missed_runs: 3,
        },
      ],
      as_of: '2026-01-02T10:30:00.000Z',
    });
  });

  test('finds names with any characters in them', async () => {
    const { request } = await start(engineWith('bull', { name: 'a/b:c d' }));

    const response = await request.get(`${QUEUES}/a%2Fb:c%20d`);

    expect(response.status).toBe(200);
    expect(response.body.name).toBe('a/b:c d');
  });

  test('is 404 for an unknown queue, and for one that only another source has', async () => {
    const { request } = await start(engineWith('one'), new FakeEngine({ name: 'two' }));

    const unknown = await request.get(`${QUEUES}/nope`);
    const elsewhere = await request.get(`${QUEUES}/training?source=two`);

    expect(unknown.status).toBe(404);
    expect(unknown.body).toEqual({
      type: 'urn:taskscope:problem:queue-not-found',
      title: 'Queue not found',
      status: 404,
      detail: 'expected the name of a queue, found "nope"',
      instance: `${QUEUES}/nope`,
      name: 'nope',
    });
    expect(elsewhere.status).toBe(404);
  });

  test('is 409 with the sources that have it, until one is named', async () => {
    const { request } = await start(engineWith('one'), engineWith('two'));

    const ambiguous = await request.get(`${QUEUES}/training`);
    const settled = await request.get(`${QUEUES}/training?source=two`);

    expect(ambiguous.status).toBe(409);
    expect(ambiguous.body).toMatchObject({
      type: 'urn:taskscope:problem:ambiguous-name',
      candidates: [
        { source: 'one', engine: 'bull' },
        { source: 'two', engine: 'bull' },
      ],
    });
    expect(settled.status).toBe(200);
  });
});

describe('a queue', () => {
  test.each([
    [{ length: 1, consumers: 0 }, true],
    [{ length: 0, consumers: 0 }, false],
    [{ length: 1, consumers: 1 }, false],
    [{ length: 1, consumers: null }, null],
  ])('with %j is unattended: %s', async (said, unattended) => {
    const { request } = await start(engineWith('bull', { name: 'q', ...said }));

    const { body } = await request.get(`${QUEUES}/q`);

    expect(body.unattended).toBe(unattended);
  });
});

describe('GET /api/v1/celery/queues/{name}/waiting', () => {
  const PEEK = `${QUEUES}/training/waiting`;

  test('shows the first tasks as they lie there', async () => {
    const engine = engineWith('bull');
    const bare = {
      id: null,
      name: null,
      args: null,
      kwargs: null,
      unreadable: 'malformed',
      priority: null,
      sentAt: null,
      eta: null,
      expiresAt: null,
      attempts: null,
      redelivered: false,
      bytes: 9,
    } as const;
    engine.queuePeek = {
      total: 12,
      tasks: [
        {
          ...bare,
          id: 'a',
          name: 'n',
          args: [1],
          kwargs: { k: 2 },
          unreadable: null,
          priority: 3,
          sentAt: NOON,
          attempts: 1,
        },
        bare,
        bare,
      ],
    };
    const { request } = await start(engine);

    const response = await request.get(`${PEEK}?limit=2`);

    expect(response.status).toBe(200);
    const nothing = { sent_at: null, eta: null, expires_at: null, redelivered: false, bytes: 9 };
    expect(response.body).toEqual({
      source: 'bull',
      engine: 'bull',
      queue: 'training',
      offset: 0,
      total: 12,
      payloads_visible: true,
      items: [
        {
          ...nothing,
          task_id: 'a',
          task_name: 'n',
          unreadable: null,
          args: [1],
          kwargs: { k: 2 },
          priority: 3,
          sent_at: '2026-01-02T10:30:00.000Z',
          attempts: 1,
        },
        {
          ...nothing,
          task_id: null,
          task_name: null,
          unreadable: 'malformed',
          args: null,
          kwargs: null,
          priority: null,
          attempts: null,
        },
      ],
    });
  });

  test('is 409 where looking would mean taking, 404 for an unknown queue, 400 for too many', async () => {
    const engine = new FakeEngine({ capabilities: [] });
    engine.setSnapshot({ queues: [FULL] });
    const { request } = await start(engine);

    const statuses = [
      (await request.get(PEEK)).status,
      (await request.get(`${QUEUES}/nope/waiting`)).status,
      (await request.get(`${PEEK}?limit=51`)).status,
    ];

    expect(statuses).toEqual([409, 404, 400]);
  });
});
