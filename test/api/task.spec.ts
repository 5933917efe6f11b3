import { afterEach, describe, expect, test } from '@jest/globals';
import { AccessPolicy, type Grants } from '../../src/auth/access-policy.js';
import { SourceUnavailable } from '../../src/core/errors.js';
import { CAPABILITIES } from '../../src/core/queue-engine.js';
import { taskEvent } from '../../src/core/task-event.js';
import { type ApiApp, type ApiAppOptions, startApiApp } from '../support/api-app.js';
import { aTaskDetail, NOON } from '../support/builders.js';
import { FakeEngine } from '../support/fake-engine.js';

const TASKS = '/api/v1/celery/tasks';

let api: ApiApp | undefined;

afterEach(async () => {
  await api?.close();
  api = undefined;
});

async function start(engines: readonly FakeEngine[], options: ApiAppOptions = {}): Promise<ApiApp> {
  api = await startApiApp(engines, options);
  return api;
}

const FAILED = aTaskDetail({
  id: 'training:7',
  state: 'FAILURE',
  worker: 'worker-1',
  startedAt: NOON - 2500,
  finishedAt: NOON,
  runtimeMs: 2500,
  attempts: 2,
  error: { type: 'ValueError', message: 'no samples' },
  args: { model_type: 'ridge' },
  traceback: 'ValueError: no samples\n  at train',
  maxAttempts: 3,
  logs: ['second', 'first'],
  attemptHistory: [
    { number: 1, worker: 'worker-1', startedAt: NOON - 2500, endedAt: NOON, outcome: 'failure', error: null },
  ],
  timeline: [{ at: NOON, what: 'failed', attempt: 1, worker: 'worker-1' }],
  parentId: 'training:6',
  rootId: 'training:5',
  childIds: ['training:8'],
  raw: { opts: { backoff: 100 } },
});

/** A caller who may look at names and numbers, not at what tasks carry. */
class ViewOnly extends AccessPolicy {
  override grantsOf(): Grants {
    return { permissions: new Set(['view'] as const), refusal: 'this caller only views' };
  }
}

describe('GET /api/v1/celery/tasks/{id}/status', () => {
  test('tells state and result of a task that went well', async () => {
    const engine = new FakeEngine();
    engine.store(aTaskDetail({ id: 'training:1', state: 'SUCCESS', result: { model_run_id: 'r1' } }));
    const { request } = await start([engine]);

    const response = await request.get(`${TASKS}/training:1/status`);

    expect(response.status).toBe(200);
    expect(response.body).toEqual({
      task_id: 'training:1',
      source: 'bull',
      engine: 'bull',
      known: true,
      state: 'SUCCESS',
      ready: true,
      successful: true,
      result: { model_run_id: 'r1' },
      payloads_visible: true,
    });
  });

  test('adds error and traceback to a failure', async () => {
    const engine = new FakeEngine();
    engine.store(FAILED);
    const { request } = await start([engine]);

    const { body } = await request.get(`${TASKS}/training:7/status`);

    expect(body).toEqual({
      task_id: 'training:7',
      source: 'bull',
      engine: 'bull',
      known: true,
      state: 'FAILURE',
      ready: true,
      successful: false,
      result: null,
      payloads_visible: true,
      error: { type: 'ValueError', message: 'no samples' },
      traceback: 'ValueError: no samples\n  at train',
    });
  });

  test('adds progress to a running task, and does not call it successful or not', async () => {
    const engine = new FakeEngine();
    engine.store(aTaskDetail({ state: 'STARTED', progress: { percent: 40 } }));
    const { request } = await start([engine]);

    const { body } = await request.get(`${TASKS}/training:1/status`);

    expect(body).toMatchObject({ state: 'STARTED', ready: false, successful: null, progress: { percent: 40 } });
  });

  test('is 404 for an id nobody has seen where the engine can know that', async () => {
    const { request } = await start([new FakeEngine()]);

    const response = await request.get(`${TASKS}/training:404/status`);

    expect(response.status).toBe(404);
    expect(response.type).toBe('application/problem+json');
    expect(response.body).toEqual({
      type: 'urn:taskscope:problem:task-not-found',
      title: 'Task not found',
      status: 404,
      detail: 'expected the id of a task that is stored or was seen lately, found "training:404"',
      instance: `${TASKS}/training:404/status`,
      id: 'training:404',
    });
  });

  test('is PENDING and not known where the engine cannot tell unknown from waiting', async () => {
    const capabilities = CAPABILITIES.filter((capability) => capability !== 'find-by-id');
    const { request } = await start([new FakeEngine({ engine: 'celery', capabilities })]);

    const response = await request.get(`${TASKS}/0c1ba9b0/status`);

    expect(response.status).toBe(200);
    expect(response.body).toEqual({
      task_id: '0c1ba9b0',
      source: 'celery',
      engine: 'celery',
      known: false,
      state: 'PENDING',
      ready: false,
      successful: null,
      result: null,
      payloads_visible: true,
    });
  });
});

describe('GET /api/v1/celery/tasks/{id}', () => {
  test('tells everything', async () => {
    const engine = new FakeEngine();
    engine.store(FAILED);
    const { request } = await start([engine]);

    const response = await request.get(`${TASKS}/training:7`);

    expect(response.status).toBe(200);
    expect(response.body).toEqual({
      source: 'bull',
      engine: 'bull',
      task_id: 'training:7',
      task_name: 'training',
      queue: 'training',
      state: 'FAILURE',
      worker: 'worker-1',
      sent_at: '2026-01-02T10:30:00.000Z',
      eta: null,
      started_at: '2026-01-02T10:29:57.500Z',
      finished_at: '2026-01-02T10:30:00.000Z',
      runtime_seconds: 2.5,
      attempts: 2,
      error: { type: 'ValueError', message: 'no samples' },
      payloads_visible: true,
      args: { model_type: 'ridge' },
      kwargs: null,
      result: null,
      traceback: 'ValueError: no samples\n  at train',
      progress: null,
      priority: null,
      max_attempts: 3,
      logs: ['second', 'first'],
      attempt_history: [
        {
          number: 1,
          worker: 'worker-1',
          started_at: '2026-01-02T10:29:57.500Z',
          ended_at: '2026-01-02T10:30:00.000Z',
          outcome: 'failure',
          error: null,
        },
      ],
      timeline: [{ at: '2026-01-02T10:30:00.000Z', what: 'failed', attempt: 1, worker: 'worker-1' }],
      parent_id: 'training:6',
      root_id: 'training:5',
      child_ids: ['training:8'],
      raw: { opts: { backoff: 100 } },
    });
  });

  test('leaves out what tasks carry for a caller who may only view, and says so', async () => {
    const engine = new FakeEngine();
    engine.store({ ...FAILED, result: 'r', progress: 'p', kwargs: { k: 1 } });
    const { request } = await start([engine], { access: new ViewOnly() });

    const detail = await request.get(`${TASKS}/training:7`);
    const state = await request.get(`${TASKS}/training:7/status`);

    expect(detail.body).toMatchObject({
      task_id: 'training:7',
      payloads_visible: false,
      args: null,
      kwargs: null,
      result: null,
      traceback: null,
      progress: null,
      logs: null,
      raw: {},
    });
    expect(state.body).toMatchObject({ state: 'FAILURE', result: null, traceback: null, payloads_visible: false });
  });

  test.each([
    ['training:7', 'training:7'],
    ['training%3A7', 'training:7'],
    ['7', 'training:7'],
    ['a%2Fb%3Fc%23d:1', 'a/b?c#d:1'],
    ['%C3%A9t%C3%A9:%F0%9F%90%82', 'été:🐂'],
    ['..%2F..%2Fetc:1', '../../etc:1'],
    ['status', 'jobs:status'],
  ])('finds the id %s', async (written, id) => {
    const engine = new FakeEngine();
    engine.store(aTaskDetail({ id }));
    const { request } = await start([engine]);

    const path = written === 'status' ? `${TASKS}/status/status` : `${TASKS}/${written}`;
    const response = await request.get(path);

    expect(response.status).toBe(200);
    expect(response.body.task_id).toBe(id);
  });

  test('is 409 with the candidates where several tasks share the id, until a source settles it', async () => {
    const one = new FakeEngine({ name: 'one' });
    one.store(aTaskDetail({ source: 'one', id: 'mail:7' }), aTaskDetail({ source: 'one', id: 'sms:7' }));
    const two = new FakeEngine({ name: 'two' });
    two.store(aTaskDetail({ source: 'two', id: 'mail:7' }));
    const { request } = await start([one, two]);

    const ambiguous = await request.get(`${TASKS}/7`);
    const settled = await request.get(`${TASKS}/7?source=two`);

    expect(ambiguous.status).toBe(409);
    expect(ambiguous.body).toEqual({
      type: 'urn:taskscope:problem:ambiguous-task-id',
      title: 'Ambiguous task id',
      status: 409,
      detail: 'expected an id that one task has, found "7" which 3 tasks share; give the full id, or ?source=',
      instance: `${TASKS}/7`,
      id: '7',
      candidates: [
        { id: 'mail:7', source: 'one' },
        { id: 'sms:7', source: 'one' },
        { id: 'mail:7', source: 'two' },
      ],
    });
    expect(settled.status).toBe(200);
    expect(settled.body).toMatchObject({ source: 'two', task_id: 'mail:7' });
  });

  test('is 503 where the only source that could have it is away', async () => {
    const { request } = await start([new FakeEngine({ connection: 'disconnected' })]);

    const response = await request.get(`${TASKS}/training:1`);

    expect(response.status).toBe(503);
    expect(response.body).toEqual({
      type: 'urn:taskscope:problem:source-unavailable',
      title: 'Source unavailable',
      status: 503,
      detail: 'source "bull" is not available: connection refused',
      instance: `${TASKS}/training:1`,
      source: 'bull',
    });
  });

  test('is 503 in time where the broker hangs', async () => {
    const engine = new FakeEngine();
    engine.delayMs = 60_000;
    const { request } = await start([engine], { commandDeadlineMs: 50 });

    const response = await request.get(`${TASKS}/training:1`);

    expect(response.status).toBe(503);
    expect(response.body.detail).toBe('source "bull" did not answer in time');
  });

  test('tells from memory what the broker no longer keeps', async () => {
    const engine = new FakeEngine();
    const { request } = await start([engine]);
    engine.emit(
      taskEvent('task-started', 'training:9', NOON - 1000, { name: 'training', worker: 'worker-1', occurrence: 1 }),
      taskEvent('task-succeeded', 'training:9', NOON, { occurrence: 1, value: { rmse: 0.5 }, valueBytes: 12 }),
    );

    const { body } = await request.get(`${TASKS}/training:9/status`);

    expect(body).toMatchObject({ state: 'SUCCESS', known: true, result: { rmse: 0.5 } });
  });

  test('refuses an id that is too long', async () => {
    const { request } = await start([new FakeEngine()]);

    const response = await request.get(`${TASKS}/${'x'.repeat(1025)}`);

    expect(response.status).toBe(400);
    expect(response.body.detail).toBe('expected a task id of 1 to 1024 characters, found 1025');
  });
});

describe('POST /api/v1/celery/tasks/{id}/revoke', () => {
  test('reports what was done, and who answered', async () => {
    const engine = new FakeEngine();
    engine.store(aTaskDetail());
    engine.revokeReport = {
      outcome: 'accepted',
      message: 'One worker will stop it.',
      workers: [
        { worker: 'worker-1', answer: 'acknowledged', message: 'aborting' },
        { worker: 'worker-2', answer: 'silent', message: null },
      ],
    };
    const { request } = await start([engine]);

    const response = await request.post(`${TASKS}/1/revoke?terminate=true&signal=kill`);

    expect(response.status).toBe(202);
    expect(response.body).toEqual({
      source: 'bull',
      engine: 'bull',
      task_id: 'training:1',
      outcome: 'accepted',
      message: 'One worker will stop it.',
      terminate: true,
      signal: 'SIGKILL',
      workers: [
        { worker: 'worker-1', answer: 'acknowledged', message: 'aborting' },
        { worker: 'worker-2', answer: 'silent', message: null },
      ],
    });
    expect(engine.revokes).toEqual([{ id: 'training:1', request: { terminate: true, signal: 'SIGKILL' } }]);
  });

  test.each([
    ['revoked', 200],
    ['too-late', 200],
    ['accepted', 202],
    ['unacknowledged', 202],
  ] as const)('answers %s with %i', async (outcome, status) => {
    const engine = new FakeEngine();
    engine.store(aTaskDetail());
    engine.revokeReport = { outcome, message: 'm', workers: [] };
    const { request } = await start([engine]);

    const response = await request.post(`${TASKS}/training:1/revoke`);

    expect(response.status).toBe(status);
    expect(response.body.outcome).toBe(outcome);
    expect(engine.revokes).toEqual([{ id: 'training:1', request: { terminate: false, signal: null } }]);
  });

  test.each([
    ['?terminate=maybe', 'terminate: expected true or false, found "maybe"'],
    [
      '?terminate=true&signal=SIGSTOP',
      'signal: expected one of TERM, SIGTERM, INT, SIGINT, QUIT, SIGQUIT, KILL, SIGKILL, found "SIGSTOP"',
    ],
    ['?signal=TERM', 'signal: expected terminate=true beside it, found terminate=false'],
    ['?force=1', 'force: expected one of signal, source, terminate, found unknown "force"'],
  ])('refuses %s', async (query, detail) => {
    const engine = new FakeEngine();
    engine.store(aTaskDetail());
    const { request } = await start([engine]);

    const response = await request.post(`${TASKS}/training:1/revoke${query}`);

    expect(response.status).toBe(400);
    expect(response.body).toMatchObject({ type: 'urn:taskscope:problem:invalid-request', detail });
    expect(engine.revokes).toEqual([]);
  });

  test('is 409 where the engine cannot send a signal', async () => {
    const engine = new FakeEngine({ capabilities: ['revoke-waiting', 'find-by-id'] });
    engine.store(aTaskDetail());
    const { request } = await start([engine]);

    const response = await request.post(`${TASKS}/training:1/revoke?terminate=true&signal=TERM`);

    expect(response.status).toBe(409);
    expect(response.body).toEqual({
      type: 'urn:taskscope:problem:not-supported',
      title: 'Not supported',
      status: 409,
      detail: 'source "bull" (bull) cannot send a named signal',
      instance: `${TASKS}/training:1/revoke`,
      capability: 'revoke-signal',
    });
  });

  test('is 404 for an unknown task', async () => {
    const { request } = await start([new FakeEngine()]);

    const response = await request.post(`${TASKS}/training:1/revoke`);

    expect(response.status).toBe(404);
    expect(response.body.type).toBe('urn:taskscope:problem:task-not-found');
  });

  test('is 403 in a read-only service, which still reads', async () => {
    const engine = new FakeEngine();
    engine.store(aTaskDetail());
    const { request } = await start([engine], { readOnly: true });

    const refused = await request.post(`${TASKS}/training:1/revoke`);
    const read = await request.get(`${TASKS}/training:1`);

    expect(refused.status).toBe(403);
    expect(refused.body).toEqual({
      type: 'urn:taskscope:problem:permission-denied',
      title: 'Permission denied',
      status: 403,
      detail: 'expected the permission "operate"; this service was started read-only; it watches and changes nothing',
      instance: `${TASKS}/training:1/revoke`,
      permission: 'operate',
    });
    expect(engine.revokes).toEqual([]);
    expect(read.status).toBe(200);
  });

  test('is 503 where the broker fails', async () => {
    const engine = new FakeEngine();
    engine.failTasks = new SourceUnavailable('LOADING');
    const { request } = await start([engine]);

    const response = await request.post(`${TASKS}/training:1/revoke`);

    expect(response.status).toBe(503);
    expect(response.body.detail).toBe('LOADING');
  });
});
