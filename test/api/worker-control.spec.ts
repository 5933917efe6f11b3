import { afterEach, describe, expect, test } from '@jest/globals';
import { type ApiApp, startApiApp } from '../support/api-app.js';
import { aWorker } from '../support/builders.js';
import { FakeEngine } from '../support/fake-engine.js';

const WORKER = '/api/v1/celery/workers/w%2F1@host';
const TASKS = '/api/v1/celery/tasks';

let api: ApiApp | undefined;
afterEach(async () => {
  await api?.close();
  api = undefined;
});

async function start(
  options: ConstructorParameters<typeof FakeEngine>[0] = {},
): Promise<{ readonly api: ApiApp; readonly engine: FakeEngine }> {
  const engine = new FakeEngine({ engine: 'celery', ...options });
  engine.setSnapshot({ workers: [aWorker({ name: 'w/1@host' })] });
  api = await startApiApp([engine]);
  return { api, engine };
}

describe('a command to one worker', () => {
  test.each([
    ['post', '/shutdown', undefined, { kind: 'shutdown' }],
    ['post', '/pool', { action: 'grow' }, { kind: 'grow-pool', by: 1 }],
    ['post', '/pool', { action: 'shrink', by: 3 }, { kind: 'shrink-pool', by: 3 }],
    ['post', '/pool', { action: 'restart' }, { kind: 'restart-pool' }],
    ['put', '/autoscale', { minimum: 0, maximum: 4 }, { kind: 'autoscale', minimum: 0, maximum: 4 }],
    ['put', '/queues/a%2Fb', undefined, { kind: 'add-queue', queue: 'a/b' }],
    ['delete', '/queues/a%2Fb', undefined, { kind: 'cancel-queue', queue: 'a/b' }],
    ['put', '/events', { enabled: false }, { kind: 'events', enabled: false }],
    ['put', '/events', { enabled: true }, { kind: 'events', enabled: true }],
  ] as const)('%s %s with %j reaches that worker alone', async (method, path, body, command) => {
    const { api, engine } = await start();

    const response = await api.request[method](WORKER + path).send(body);

    expect(response.status).toBe(200);
    expect(engine.commands).toEqual([{ command, workers: ['w/1@host'] }]);
    expect(response.body).toEqual({
      source: 'celery',
      engine: 'celery',
      outcome: 'done',
      message: 'In effect on worker-1.',
      workers: [{ worker: 'worker-1', answer: 'acknowledged', message: 'ok', in_effect: true }],
    });
  });

  test.each([
    ['done', 200],
    ['refused', 200],
    ['accepted', 202],
    ['unacknowledged', 202],
  ] as const)('that is %s is answered with %d', async (outcome, status) => {
    const { api, engine } = await start();
    engine.commandReport = { outcome, message: 'm', workers: [] };

    expect((await api.request.post(`${WORKER}/shutdown`)).status).toBe(status);
  });

  test.each([
    ['post', '/pool', {}, 'action: expected one of grow, shrink, restart, found ""'],
    ['post', '/pool', { action: 'grow', by: 0 }, 'by: expected a whole number from 1 to 1000, found 0'],
    ['post', '/pool', { action: 'grow', by: '2' }, 'by: expected a whole number from 1 to 1000, found "2"'],
    ['put', '/autoscale', { minimum: 5, maximum: 4 }, 'minimum: expected at most the maximum, 4, found 5'],
    ['put', '/autoscale', { maximum: 4 }, 'minimum: expected a whole number from 0 to 1000, found null'],
    ['put', '/events', {}, 'enabled: expected true or false, found null'],
    ['put', '/events', { enabled: 'yes' }, 'enabled: expected true or false, found "yes"'],
    ['put', `/queues/${'q'.repeat(257)}`, undefined, 'expected a queue name of 1 to 256 characters, found 257'],
  ] as const)('%s %s with %j is refused, and why', async (method, path, body, detail) => {
    const { api, engine } = await start();

    const response = await api.request[method](WORKER + path).send(body);

    expect(response.status).toBe(400);
    expect(response.body.detail).toBe(detail);
    expect(engine.commands).toEqual([]);
  });

  test('is 404 for a worker that nobody knows', async () => {
    const { api } = await start();

    const response = await api.request.post('/api/v1/celery/workers/nobody/shutdown');

    expect(response.status).toBe(404);
    expect(response.body.type).toBe('urn:taskscope:problem:worker-not-found');
  });

  test('is 409 where its engine cannot, with the capability that it lacks', async () => {
    const { api, engine } = await start({ capabilities: ['task-worker'] });

    const response = await api.request.put(`${WORKER}/autoscale`).send({ minimum: 1, maximum: 2 });

    expect(response.status).toBe(409);
    expect(response.body).toMatchObject({ type: 'urn:taskscope:problem:not-supported', capability: 'autoscale' });
    expect(engine.commands).toEqual([]);
  });

  test('is 503 while the broker is away', async () => {
    const { api, engine } = await start();
    await api.request.get('/api/v1/celery/workers/status');
    engine.setStatus({ connection: 'disconnected', problem: 'connection refused' });

    const response = await api.request.post(`${WORKER}/shutdown`);

    expect(response.status).toBe(503);
    expect(engine.commands).toEqual([]);
  });
});

describe('a limit for tasks of a name', () => {
  test.each([
    ['put', '/rate-limit', { task: 't', limit: '10/m' }, { kind: 'rate-limit', task: 't', limit: '10/m' }, null],
    ['put', '/rate-limit', { task: 't', limit: null }, { kind: 'rate-limit', task: 't', limit: null }, null],
    [
      'put',
      '/time-limit',
      { task: 't', soft_seconds: 1.5, hard_seconds: null, workers: ['a', 'b'] },
      { kind: 'time-limit', task: 't', softSeconds: 1.5, hardSeconds: null },
      ['a', 'b'],
    ],
    [
      'post',
      '/stamped-revocations',
      { stamp: 'tenant', values: ['acme'], terminate: true, signal: 'KILL' },
      { kind: 'revoke-stamped', stamps: { tenant: ['acme'] }, terminate: true, signal: 'SIGKILL' },
      null,
    ],
  ] as const)('%s %s with %j is told', async (method, path, body, command, workers) => {
    const { api, engine } = await start();

    const response = await api.request[method](TASKS + path).send(body);

    expect(response.status).toBe(200);
    expect(engine.commands).toEqual([{ command, workers }]);
  });

  test.each([
    [
      'put',
      '/rate-limit',
      { task: 't' },
      'limit: expected a number with /s, /m or /h, such as 10/m, or null, found nothing',
    ],
    ['put', '/rate-limit', { limit: '1/s' }, 'task: expected a text of 1 to 512 characters, found ""'],
    [
      'put',
      '/rate-limit',
      { task: 't', limit: '1/d' },
      'limit: expected a number with /s, /m or /h, such as 10/m, or null, found "1/d"',
    ],
    [
      'put',
      '/time-limit',
      { task: 't', soft_seconds: 1 },
      'hard_seconds: expected seconds from 0.001 to 604800, or null, found nothing',
    ],
    [
      'put',
      '/time-limit',
      { task: 't', soft_seconds: 2, hard_seconds: 2 },
      'soft_seconds: expected less than hard_seconds, 2, found 2',
    ],
    [
      'put',
      '/rate-limit',
      { task: 't', limit: null, workers: [] },
      'workers: expected a list of 1 to 1000 texts of at most 512 characters, found []',
    ],
    [
      'post',
      '/stamped-revocations',
      { stamp: 'a' },
      'values: expected a list of 1 to 100 texts of at most 512 characters, found []',
    ],
    [
      'post',
      '/stamped-revocations',
      { stamp: 'tenant', values: ['acme'], terminate: true, signal: null },
      'signal: expected one of TERM, SIGTERM, INT, SIGINT, QUIT, SIGQUIT, KILL, SIGKILL, found null',
    ],
    [
      'post',
      '/stamped-revocations',
      { stamp: 'a', values: ['b'], signal: 'KILL' },
      'signal: expected terminate: true beside it, found terminate: false',
    ],
  ] as const)('%s %s with %j is refused, and why', async (method, path, body, detail) => {
    const { api, engine } = await start();

    const response = await api.request[method](TASKS + path).send(body);

    expect(response.status).toBe(400);
    expect(response.body.detail).toBe(detail);
    expect(engine.commands).toEqual([]);
  });

  test('goes to the one source that can do it; of several, one must be named', async () => {
    const { api, engine } = await start();
    const limit = { task: 't', limit: null };
    api.inspector.add(new FakeEngine({ name: 'bull', capabilities: [] }));

    const settled = await api.request.put(`${TASKS}/rate-limit`).send(limit);
    api.inspector.add(new FakeEngine({ name: 'celery-2', engine: 'celery' }));
    const ambiguous = await api.request.put(`${TASKS}/rate-limit`).send(limit);
    const named = await api.request.put(`${TASKS}/rate-limit?source=celery`).send(limit);
    const incapable = await api.request.put(`${TASKS}/rate-limit?source=bull`).send(limit);

    expect([settled.status, ambiguous.status, named.status, incapable.status]).toEqual([200, 409, 200, 409]);
    expect(ambiguous.body.candidates).toEqual([
      { source: 'celery', engine: 'celery' },
      { source: 'celery-2', engine: 'celery' },
    ]);
    expect(incapable.body.capability).toBe('rate-limit');
    expect(engine.commands).toHaveLength(2);
  });
});

test('a read-only service tells workers nothing', async () => {
  const engine = new FakeEngine({ engine: 'celery' });
  engine.setSnapshot({ workers: [aWorker({ name: 'w' })] });
  api = await startApiApp([engine], { readOnly: true });

  const statuses = [
    await api.request.post('/api/v1/celery/workers/w/shutdown'),
    await api.request.put('/api/v1/celery/workers/w/events').send({ enabled: true }),
    await api.request.put(`${TASKS}/rate-limit`).send({ task: 't', limit: null }),
  ].map(({ status }) => status);

  expect(statuses).toEqual([403, 403, 403]);
  expect(engine.commands).toEqual([]);
});
