import { afterEach, describe, expect, test } from '@jest/globals';
import { CAPABILITIES } from '../../src/core/queue-engine.js';
import { type ApiApp, startApiApp } from '../support/api-app.js';
import { FakeEngine } from '../support/fake-engine.js';

const TASKS = '/api/v1/celery/tasks';

let api: ApiApp | undefined;
afterEach(async () => {
  await api?.close();
  api = undefined;
});

async function start(...engines: readonly FakeEngine[]): Promise<ApiApp> {
  api = await startApiApp(engines);
  return api;
}

describe('a new task', () => {
  test('is sent with what the body says, and its id is told', async () => {
    const engine = new FakeEngine({ engine: 'celery' });
    const { request } = await start(engine);
    const body = { name: 'tasks.add', queue: 'celery', args: [1, [null]], kwargs: { a: {} }, delay_seconds: 1.5 };

    const response = await request.post(TASKS).send(body);

    expect(response.status).toBe(201);
    expect(response.body).toEqual({
      source: 'celery',
      engine: 'celery',
      task_id: 'new-id',
      name: 'tasks.add',
      queue: 'celery',
      eta: '2026-01-02T10:30:01.500Z',
    });
    expect(engine.orders).toEqual([
      { name: 'tasks.add', queue: 'celery', args: [1, [null]], kwargs: { a: {} }, delayMs: 1500 },
    ]);
  });

  test.each([
    ['2026-01-02T10:31:00.250Z', 60_250],
    ['2026-01-02T12:31:00+02:00', 60_000],
    ['2026-01-01', 0],
  ])('is held until %s', async (eta, delayMs) => {
    const engine = new FakeEngine({ engine: 'celery' });
    const { request } = await start(engine);

    expect((await request.post(TASKS).send({ name: 'a', queue: 'b', eta })).status).toBe(201);

    expect(engine.orders).toEqual([expect.objectContaining({ delayMs })]);
  });

  test('needs a name and a queue alone', async () => {
    const engine = new FakeEngine({ engine: 'celery' });
    const { request } = await start(engine);

    const response = await request.post(TASKS).send({ name: 'a', queue: 'b' });

    expect(response.status).toBe(201);
    expect(engine.orders).toEqual([{ name: 'a', queue: 'b', args: [], kwargs: {}, delayMs: 0 }]);
  });

  test.each([
    [{ queue: 'b' }, 'name: expected a text of 1 to 512 characters, found ""'],
    [{ name: 'a' }, 'queue: expected a text of 1 to 512 characters, found ""'],
    [{ name: 'a', queue: 'b', args: { x: 1 } }, 'args: expected a list of at most 1000 values, found'],
    [{ name: 'a', queue: 'b', kwargs: [1] }, 'kwargs: expected an object, found'],
    [{ name: 'a', queue: 'b', delay_seconds: -1 }, 'delay_seconds: expected a number from 0'],
    [{ name: 'a', queue: 'b', eta: 'now' }, 'eta: expected an ISO 8601 time within a year'],
    [{ name: 'a', queue: 'b', eta: '15m' }, 'eta: expected an ISO 8601 time within a year'],
    [{ name: 'a', queue: 'b', eta: '2999-01-01' }, 'eta: expected an ISO 8601 time within a year'],
    [{ name: 'a', queue: 'b', eta: '2026-01-02T10:31', delay_seconds: 1 }, 'eta: expected either'],
    [{ name: 'a', queue: 'b', expires: 1 }, 'expires: expected one of'],
  ])('of %j is refused, and why', async (body, detail) => {
    const engine = new FakeEngine({ engine: 'celery' });
    const { request } = await start(engine);

    const response = await request.post(TASKS).send(body);

    expect(response.status).toBe(400);
    expect(response.body.detail).toContain(detail);
    expect(engine.orders).toEqual([]);
  });

  test('is refused where no source may send, and asks for the source where several may', async () => {
    const capabilities = CAPABILITIES.filter((capability) => capability !== 'send-task');
    const { request } = await start(new FakeEngine({ name: 'a', capabilities }));
    const refused = await request.post(TASKS).send({ name: 'a', queue: 'b' });
    await api?.close();
    const two = await start(new FakeEngine({ name: 'a' }), new FakeEngine({ name: 'b' }));
    const ambiguous = await two.request.post(TASKS).send({ name: 'a', queue: 'b' });

    expect(refused.status).toBe(409);
    expect(refused.body.detail).toContain('send-task');
    expect(ambiguous.status).toBe(409);
    expect((await two.request.post(`${TASKS}?source=b`).send({ name: 'a', queue: 'b' })).body.source).toBe('b');
  });
});
