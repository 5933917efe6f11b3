import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ConfiguredSchedule } from '../../src/core/configured-schedule.js';
import type { Schedule } from '../../src/core/queue.js';
import { CAPABILITIES } from '../../src/core/queue-engine.js';
import { type ApiApp, startApiApp } from '../support/api-app.js';
import { aQueue, NOON } from '../support/builders.js';
import { FakeEngine } from '../support/fake-engine.js';

const SCHEDULES = '/api/v1/celery/schedules';

const cron: Schedule = {
  id: 'tick:::UTC:*/5 * * * *',
  name: 'training.tick',
  cron: '*/5 * * * *',
  everyMs: null,
  timeZone: 'UTC',
  nextAt: NOON + 60_000,
  lastAt: NOON - 60_000,
  missed: false,
  missedRuns: 0,
};
const every: Schedule = { ...cron, id: 'often', cron: null, everyMs: 1500, timeZone: null, nextAt: NOON, missed: true };

const CRON_BODY = {
  source: 'bull',
  engine: 'bull',
  id: 'training:tick:::UTC:*/5 * * * *',
  queue: 'training',
  kept_in: 'broker',
  key: 'tick:::UTC:*/5 * * * *',
  name: 'training.tick',
  cron: '*/5 * * * *',
  every_seconds: null,
  told: null,
  time_zone: 'UTC',
  next_at: '2026-01-02T10:31:00.000Z',
  last_at: '2026-01-02T10:29:00.000Z',
  missed: false,
  missed_runs: 0,
  capabilities: ['remove-schedule', 'run-schedule', 'edit-schedule'],
};

let api: ApiApp;
let engine: FakeEngine;

beforeEach(async () => {
  engine = new FakeEngine();
  engine.setSnapshot({
    queues: [
      aQueue({ schedules: [cron, every] }),
      aQueue({ name: 'mail', schedules: [{ ...every, nextAt: null, editable: false }] }),
    ],
  });
  api = await startApiApp([engine]);
});

afterEach(() => api.close());

const configured: ConfiguredSchedule = {
  id: 'nightly',
  name: 'app.report',
  queue: null,
  cron: null,
  everyMs: null,
  told: '<freq: 1.50 minutes>',
  timeZone: null,
  nextAt: null,
};

const at = (id: string): string => `${SCHEDULES}/${encodeURIComponent(id)}`;

describe('GET /api/v1/celery/schedules', () => {
  test('tells of all, the next first, and what can be done to each', async () => {
    const { body } = await api.request.get(SCHEDULES);

    expect(body).toMatchObject({ timestamp: '2026-01-02T10:30:00.000Z', total: 3, sources: [{ source: 'bull' }] });
    expect(body.items.map(({ id }: { id: string }) => id)).toEqual(['training:often', CRON_BODY.id, 'mail:often']);
    expect(body.items[1]).toEqual(CRON_BODY);
    expect(body.items[2].capabilities).toEqual(['remove-schedule', 'run-schedule']);
  });

  test('is cut where asked for', async () => {
    const { body } = await api.request.get(`${SCHEDULES}?limit=1`);

    expect(body.items).toHaveLength(1);
    expect(body.total).toBe(3);
  });
});

describe('one schedule', () => {
  test('is found by its full id, and by its key where that is its own', async () => {
    const full = await api.request.get(at(CRON_BODY.id));
    const key = await api.request.get(at(cron.id));
    const shared = await api.request.get(at('often'));
    const unknown = await api.request.get(at('nope'));

    expect(full.body).toEqual(CRON_BODY);
    expect(key.body).toEqual(CRON_BODY);
    expect(shared.status).toBe(409);
    expect(unknown.status).toBe(404);
    expect(unknown.body.type).toBe('urn:taskscope:problem:schedule-not-found');
  });

  test.each([
    ['delete', '', undefined, { kind: 'remove' }],
    ['post', '/run', undefined, { kind: 'run' }],
    ['patch', '', { cron: '0 4 * * *' }, { kind: 'edit', cron: '0 4 * * *', everyMs: null, timeZone: 'UTC' }],
    [
      'patch',
      '',
      { cron: '0 4 * * *', time_zone: 'Europe/Berlin' },
      { kind: 'edit', cron: '0 4 * * *', everyMs: null, timeZone: 'Europe/Berlin' },
    ],
    ['patch', '', { every_seconds: 1.5 }, { kind: 'edit', cron: null, everyMs: 1500, timeZone: null }],
  ] as const)('%s …%s %j asks the engine for %j', async (method, route, body, action) => {
    const response = await api.request[method](at(CRON_BODY.id) + route).send(body);

    expect(response.status).toBe(200);
    expect(response.body).toMatchObject({
      source: 'bull',
      schedule_id: CRON_BODY.id,
      queue: 'training',
      action: action.kind,
      message: 'Done.',
      task_id: null,
      after: null,
    });
    expect(engine.actions).toEqual([{ on: `training ${cron.id}`, action }]);
  });

  test.each([
    [{}, 'expected one of cron and every_seconds, found neither'],
    [{ cron: '* * * * *', every_seconds: 1 }, 'expected one of cron and every_seconds, found both'],
    [{ every_seconds: 1, time_zone: 'UTC' }, 'time_zone: expected cron beside it, found every_seconds'],
    [
      { cron: '0 4 * * *', time_zone: 'Mars/Base' },
      'time_zone: expected a zone such as Europe/Berlin, found "Mars/Base"',
    ],
    [{ every_seconds: 0 }, 'every_seconds: expected a number from 0.001 to 315360000, found 0'],
  ])('is not edited with %j', async (body, detail) => {
    const response = await api.request.patch(at(CRON_BODY.id)).send(body);

    expect(response.status).toBe(400);
    expect(response.body.detail).toBe(detail);
    expect(engine.actions).toEqual([]);
  });

  test.each([
    ['delete', '', undefined, 'remove-schedule'],
    ['post', '/run', undefined, 'run-schedule'],
    ['patch', '', { every_seconds: 1 }, 'edit-schedule'],
  ] as const)('%s …%s is a 409 where the source lacks the capability', async (method, route, body, capability) => {
    await api.close();
    engine = new FakeEngine({ capabilities: CAPABILITIES.filter((known) => known !== capability) });
    engine.setSnapshot({ queues: [aQueue({ schedules: [cron] })] });
    api = await startApiApp([engine]);

    const response = await api.request[method](at(CRON_BODY.id) + route).send(body);

    expect(response.status).toBe(409);
    expect(response.body).toMatchObject({ type: 'urn:taskscope:problem:not-supported', capability });
  });
});

describe('a schedule that only the configuration of workers tells', () => {
  test('is listed with what is known of it, and nothing can be done to it', async () => {
    engine.setSnapshot({ queues: [], configuredSchedules: [configured] });

    const { body } = await api.request.get(SCHEDULES);

    expect(body.items).toEqual([
      {
        source: 'bull',
        engine: 'bull',
        id: 'nightly',
        queue: null,
        kept_in: 'configuration',
        key: 'nightly',
        name: 'app.report',
        cron: null,
        every_seconds: null,
        told: '<freq: 1.50 minutes>',
        time_zone: null,
        next_at: null,
        last_at: null,
        missed: null,
        missed_runs: null,
        capabilities: [],
      },
    ]);
    expect((await api.request.get(at('nightly'))).body).toEqual(body.items[0]);
    expect((await api.request.post(`${at('nightly')}/run`)).status).toBe(409);
    expect(engine.actions).toEqual([]);
  });
});
