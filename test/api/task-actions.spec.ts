import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CAPABILITIES } from '../../src/core/queue-engine.js';
import { type ApiApp, startApiApp } from '../support/api-app.js';
import { aTaskDetail } from '../support/builders.js';
import { FakeEngine } from '../support/fake-engine.js';

const RETRY = { kind: 'retry', resetAttempts: false } as const;
const TASK = '/api/v1/celery/tasks/training:1';

let api: ApiApp;
let engine: FakeEngine;

beforeEach(async () => {
  engine = new FakeEngine();
  engine.store(aTaskDetail({ logs: ['third', 'second', 'first'] }));
  api = await startApiApp([engine]);
});

afterEach(() => api.close());

const asked = (): readonly unknown[] => engine.actions.map(({ action }) => action);

describe('an action on a task', () => {
  test.each([
    ['post', '/retry', undefined, { kind: 'retry', resetAttempts: false }],
    ['post', '/retry', { reset_attempts: true }, { kind: 'retry', resetAttempts: true }],
    [
      'post',
      '/retry',
      { args: [1], kwargs: { a: { b: null } } },
      { ...RETRY, edited: { args: [1], kwargs: { a: { b: null } } } },
    ],
    ['post', '/retry', { args: [] }, { ...RETRY, edited: { args: [] } }],
    ['post', '/promote', undefined, { kind: 'promote' }],
    ['delete', '', undefined, { kind: 'remove' }],
    ['patch', '', { delay_seconds: 1.5 }, { kind: 'delay', delayMs: 1500 }],
    ['patch', '', { delay_seconds: 0 }, { kind: 'delay', delayMs: 0 }],
    ['patch', '', { priority: 3 }, { kind: 'priority', priority: 3 }],
  ] as const)('%s …%s %j asks the engine for %j', async (method, route, body, action) => {
    const response = await api.request[method](TASK + route).send(body);

    expect(response.status).toBe(200);
    expect(response.body).toEqual({
      source: 'bull',
      engine: 'bull',
      task_id: 'training:1',
      action: action.kind,
      message: 'Done.',
      new_task_id: null,
      before: { state: 'PENDING', stage: 'reserved', eta: null, priority: null },
      after: null,
    });
    expect(asked()).toEqual([action]);
  });

  test('takes a bare job id, and a source', async () => {
    const bare = await api.request.post('/api/v1/celery/tasks/1/promote');
    const elsewhere = await api.request.post(`${TASK}/promote?source=other`);

    expect(bare.body.task_id).toBe('training:1');
    expect(elsewhere.status).toBe(404);
  });

  test('that is refused is a 409 with the reason', async () => {
    engine.refusal = 'locked';

    const response = await api.request.delete(TASK);

    expect(response.status).toBe(409);
    expect(response.body).toEqual({
      type: 'urn:taskscope:problem:action-refused',
      title: 'Action refused',
      status: 409,
      detail: 'Done.',
      instance: TASK,
      reason: 'locked',
      task_id: 'training:1',
      before: { state: 'PENDING', stage: 'reserved', eta: null, priority: null },
      after: null,
    });
  });

  test.each([
    ['post', '/retry', undefined, 'retry'],
    ['post', '/retry', { reset_attempts: true }, 'retry-anew'],
    ['post', '/promote', undefined, 'promote'],
    ['delete', '', undefined, 'remove'],
    ['patch', '', { delay_seconds: 1 }, 'change-delay'],
    ['patch', '', { priority: 1 }, 'change-priority'],
    ['get', '/logs', undefined, 'task-logs'],
  ] as const)('%s …%s %j is a 409 where the source lacks %s', async (method, route, body, capability) => {
    await api.close();
    engine = new FakeEngine({ capabilities: CAPABILITIES.filter((known) => known !== capability) });
    engine.store(aTaskDetail());
    api = await startApiApp([engine]);

    const response = await api.request[method](TASK + route).send(body);

    expect(response.status).toBe(409);
    expect(response.body).toMatchObject({ type: 'urn:taskscope:problem:not-supported', capability });
    expect(engine.actions).toEqual([]);
  });

  test.each([
    [{}, 'expected one of delay_seconds and priority, found neither'],
    [{ delay_seconds: 1, priority: 1 }, 'expected one of delay_seconds and priority, found both'],
    [{ delay_seconds: -1 }, 'delay_seconds: expected a number from 0 to 315360000, found -1'],
    [{ priority: 1.5 }, 'priority: expected a whole number from 0 to 2097151, found 1.5'],
    [{ delay: 1 }, 'delay: expected one of delay_seconds, priority, found unknown "delay"'],
  ])('with the body %j is a 400', async (body, detail) => {
    const response = await api.request.patch(TASK).send(body);

    expect(response.status).toBe(400);
    expect(response.body.detail).toBe(detail);
    expect(engine.actions).toEqual([]);
  });

  test('with a body that is not JSON is refused, not read as empty', async () => {
    const response = await api.request.post(`${TASK}/retry`).type('form').send('reset_attempts=true');

    expect(response.status).toBe(415);
    expect(response.body).toMatchObject({
      type: 'urn:taskscope:problem:unsupported-media-type',
      detail: 'expected a body of Content-Type application/json, found "application/x-www-form-urlencoded"',
    });
    expect(engine.actions).toEqual([]);
  });

  test('on an unknown task is a 404, and on a source that is away a 503', async () => {
    const unknown = await api.request.post('/api/v1/celery/tasks/training:2/retry');
    engine.setStatus({ connection: 'disconnected', problem: 'gone' });
    const away = await api.request.post(`${TASK}/retry`);

    expect(unknown.status).toBe(404);
    expect(away.status).toBe(503);
  });

  test('is a 403 in a read-only service', async () => {
    await api.close();
    api = await startApiApp([engine], { readOnly: true });

    const statuses = await Promise.all([
      api.request.post(`${TASK}/retry`),
      api.request.post(`${TASK}/promote`),
      api.request.delete(TASK),
      api.request.patch(TASK).send({ priority: 1 }),
    ]);

    expect(statuses.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
    expect(engine.actions).toEqual([]);
  });
});

describe('GET /api/v1/celery/tasks/{id}/logs', () => {
  test('tells the lines, the oldest first', async () => {
    const response = await api.request.get(`${TASK}/logs?limit=2`);

    expect(response.body).toEqual({
      source: 'bull',
      engine: 'bull',
      task_id: 'training:1',
      items: ['first', 'second'],
      total: 3,
    });
  });

  test('pages, also from the newest', async () => {
    const response = await api.request.get(`${TASK}/logs?first=newest&offset=1&limit=1`);

    expect(response.body).toMatchObject({ items: ['second'], total: 3 });
  });

  test('is a 404 for a task that is not stored, and a 400 for an odd page', async () => {
    expect((await api.request.get('/api/v1/celery/tasks/training:2/logs')).status).toBe(404);
    expect((await api.request.get(`${TASK}/logs?limit=501`)).status).toBe(400);
  });
});
