import { afterEach, describe, expect, test } from '@jest/globals';
import { SourceUnavailable } from '../../src/core/errors.js';
import { type ApiApp, startApiApp } from '../support/api-app.js';
import { aTask, aWorker, NOON } from '../support/builders.js';
import { FakeEngine } from '../support/fake-engine.js';

const PATH = '/api/v1/celery/tasks/status';
const CONNECTED = { connection: 'connected', as_of: '2026-01-02T10:30:00.000Z', stale: false, problem: null };

let api: ApiApp | undefined;

afterEach(async () => {
  await api?.close();
  api = undefined;
});

const start = async (...engines: readonly FakeEngine[]): Promise<ApiApp> => {
  api = await startApiApp(engines);
  return api;
};

describe('GET /api/v1/celery/tasks/status', () => {
  test('answers in the shape of the guide, with the waiting and the scheduled beside it', async () => {
    const engine = new FakeEngine();
    engine.setSnapshot({
      active: {
        tasks: [
          aTask({ id: 'training:2', state: 'STARTED', worker: 'worker-1', startedAt: NOON - 1500, attempts: 1 }),
          aTask({ id: 'training:1', state: 'STARTED', worker: 'worker-1', startedAt: NOON - 9000, attempts: 2 }),
        ],
        total: 2,
      },
      reserved: { tasks: [aTask({ id: 'training:3' })], total: 1 },
      scheduled: { tasks: [aTask({ id: 'training:4', eta: NOON + 60_000 })], total: 1 },
      workers: [aWorker(), aWorker({ name: 'worker-0', status: 'lost' })],
    });
    const { request } = await start(engine);

    const response = await request.get(PATH);

    expect(response.status).toBe(200);
    expect(response.body).toEqual({
      timestamp: '2026-01-02T10:30:00.000Z',
      summary: { active: 2, reserved: 1, scheduled: 1, total_pending: 4 },
      active_tasks: [
        {
          source: 'bull',
          engine: 'bull',
          worker: 'worker-1',
          task_id: 'training:1',
          task_name: 'training',
          time_start: NOON / 1000 - 9,
          queue: 'training',
          sent_at: '2026-01-02T10:30:00.000Z',
          attempts: 2,
        },
        {
          source: 'bull',
          engine: 'bull',
          worker: 'worker-1',
          task_id: 'training:2',
          task_name: 'training',
          time_start: NOON / 1000 - 1.5,
          queue: 'training',
          sent_at: '2026-01-02T10:30:00.000Z',
          attempts: 1,
        },
      ],
      reserved_tasks: [
        {
          source: 'bull',
          engine: 'bull',
          worker: null,
          task_id: 'training:3',
          task_name: 'training',
          queue: 'training',
          sent_at: '2026-01-02T10:30:00.000Z',
        },
      ],
      scheduled_tasks: [
        {
          source: 'bull',
          engine: 'bull',
          worker: null,
          task_id: 'training:4',
          task_name: 'training',
          queue: 'training',
          sent_at: '2026-01-02T10:30:00.000Z',
          eta: '2026-01-02T10:31:00.000Z',
        },
      ],
      truncated: { active_tasks: false, reserved_tasks: false, scheduled_tasks: false },
      workers: ['worker-1'],
      sources: [{ source: 'bull', engine: 'bull', ...CONNECTED }],
    });
  });

  test('counts exactly and says which lists it cut', async () => {
    const engine = new FakeEngine();
    const tasks = [1, 2, 3].map((number) => aTask({ id: `training:${number}` }));
    engine.setSnapshot({ reserved: { tasks, total: 12_345 }, active: { tasks, total: 3 } });
    const { request } = await start(engine);

    const { body } = await request.get(`${PATH}?limit=2`);

    expect(body.summary).toEqual({ active: 3, reserved: 12_345, scheduled: 0, total_pending: 12_348 });
    expect(body.active_tasks).toHaveLength(2);
    expect(body.reserved_tasks).toHaveLength(2);
    expect(body.truncated).toEqual({ active_tasks: true, reserved_tasks: true, scheduled_tasks: false });
  });

  test('says null, not a guess, where a source cannot count', async () => {
    const engine = new FakeEngine();
    engine.setSnapshot({ scheduled: { tasks: [aTask()], total: null } });
    const { request } = await start(engine);

    const { body } = await request.get(PATH);

    expect(body.summary).toEqual({ active: 0, reserved: 0, scheduled: null, total_pending: null });
    expect(body.truncated).toEqual({ active_tasks: false, reserved_tasks: false, scheduled_tasks: null });
  });

  test('tells of the other source when one is down, and which one that is', async () => {
    const up = new FakeEngine({ name: 'up' });
    up.setSnapshot({ reserved: { tasks: [], total: 7 } });
    const { request } = await start(up, new FakeEngine({ name: 'away', connection: 'disconnected' }));

    const response = await request.get(PATH);

    expect(response.status).toBe(200);
    expect(response.body.summary).toEqual({ active: 0, reserved: 7, scheduled: 0, total_pending: 7 });
    expect(response.body.sources).toEqual([
      { source: 'up', engine: 'bull', ...CONNECTED },
      {
        source: 'away',
        engine: 'bull',
        connection: 'disconnected',
        as_of: null,
        stale: true,
        problem: 'connection refused',
      },
    ]);
  });

  test('knows no counts while no source has been heard of', async () => {
    const { request } = await start(new FakeEngine({ connection: 'disconnected' }));

    const { body } = await request.get(PATH);

    expect(body.summary).toEqual({ active: null, reserved: null, scheduled: null, total_pending: null });
  });

  test('goes on telling the last known, marked stale, when a look fails', async () => {
    const engine = new FakeEngine();
    engine.setSnapshot({ active: { tasks: [aTask()], total: 1 } });
    const { request } = await start(engine);
    await request.get(PATH);
    engine.failInspect = new SourceUnavailable('READONLY');

    const { body } = await request.get(PATH);

    expect(body.summary.active).toBe(1);
    expect(body.sources).toEqual([{ source: 'bull', engine: 'bull', ...CONNECTED, stale: true, problem: 'READONLY' }]);
  });

  test('does not wait longer than its deadline for a broker that hangs', async () => {
    const hanging = new FakeEngine({ name: 'hanging' });
    hanging.delayMs = 60_000;
    const { request } = await start(new FakeEngine({ name: 'up' }), hanging);

    const { body } = await request.get(PATH);

    // Who had waited for it would tell what it says after a minute: that all is well.
    expect(body.sources).toMatchObject([
      { source: 'up', stale: false },
      { source: 'hanging', stale: true, problem: 'source "hanging" did not answer in time' },
    ]);
  });

  test('narrows to one source, and names those there are when it is none of them', async () => {
    const one = new FakeEngine({ name: 'one' });
    one.setSnapshot({ active: { tasks: [], total: 1 } });
    const two = new FakeEngine({ name: 'two' });
    two.setSnapshot({ active: { tasks: [], total: 2 } });
    const { request } = await start(one, two);

    const narrowed = await request.get(`${PATH}?source=two`);
    const unknown = await request.get(`${PATH}?source=three`);

    expect(narrowed.body.summary.active).toBe(2);
    expect(unknown.status).toBe(404);
    expect(unknown.body).toEqual({
      type: 'urn:taskscope:problem:source-not-found',
      title: 'Source not found',
      status: 404,
      detail: 'expected one of the sources one, two, found "three"',
      instance: PATH,
      sources: ['one', 'two'],
    });
  });
});
