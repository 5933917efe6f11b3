import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { taskEvent } from '../../src/core/task-event.js';
import { type ApiApp, startApiApp } from '../support/api-app.js';
import { NOON } from '../support/builders.js';
import { FakeEngine } from '../support/fake-engine.js';

const TASKS = '/api/v1/celery/tasks';
const MINUTE = 60_000;

let api: ApiApp;

beforeEach(async () => {
  const bull = new FakeEngine();
  const celery = new FakeEngine({ engine: 'celery' });
  api = await startApiApp([bull, celery]);
  const of = (name: string, queue: string, sentAt: number) => ({
    name,
    queue,
    sentAt,
    worker: 'worker-1',
    occurrence: 1,
  });
  bull.emit(
    taskEvent('task-started', 'mail:1', NOON - 50 * MINUTE, of('mail', 'mail', NOON - 60 * MINUTE)),
    taskEvent('task-succeeded', 'mail:1', NOON - 50 * MINUTE + 700, of('mail', 'mail', NOON - 60 * MINUTE)),
    taskEvent('task-started', 'training:1', NOON - 20 * MINUTE, of('training.ridge', 'training', NOON - 30 * MINUTE)),
    taskEvent('task-failed', 'training:1', NOON - 20 * MINUTE + 9000, {
      ...of('training.ridge', 'training', NOON - 30 * MINUTE),
      error: { type: 'ValueError', message: 'connection reset' },
    }),
    taskEvent('task-started', 'training:2', NOON - 4 * MINUTE, of('training.forest', 'training', NOON - 5 * MINUTE)),
  );
  celery.emit(
    taskEvent('task-sent', 'c0ffee', NOON - 10 * MINUTE, {
      name: 'app.mail',
      sentAt: NOON - 10 * MINUTE,
      queue: 'celery',
    }),
  );
});

afterEach(() => api.close());

async function idsOf(query: string): Promise<readonly unknown[]> {
  const response = await api.request.get(`${TASKS}?${query}`);
  expect({ query, status: response.status, body: response.body }).toMatchObject({ query, status: 200 });
  return response.body.items.map((item: { task_id: unknown }) => item.task_id);
}

describe('GET /api/v1/celery/tasks', () => {
  test('lists the newest first, each with all of its fields', async () => {
    const response = await api.request.get(`${TASKS}?limit=1&name=training.ridge`);

    expect(response.body).toEqual({
      items: [
        {
          source: 'bull',
          engine: 'bull',
          task_id: 'training:1',
          task_name: 'training.ridge',
          queue: 'training',
          state: 'FAILURE',
          worker: 'worker-1',
          sent_at: '2026-01-02T10:00:00.000Z',
          eta: null,
          started_at: '2026-01-02T10:10:00.000Z',
          finished_at: '2026-01-02T10:10:09.000Z',
          runtime_seconds: 9,
          attempts: 1,
          error: { type: 'ValueError', message: 'connection reset' },
        },
      ],
      next_cursor: null,
      total: 1,
      total_exact: true,
      complete: true,
      history: false,
    });
    expect(await idsOf('')).toEqual(['training:2', 'c0ffee', 'training:1', 'mail:1']);
  });

  test.each([
    ['name=mail', ['mail:1']],
    ['name=training.*', ['training:2', 'training:1']],
    ['state=FAILURE', ['training:1']],
    ['state=failure,success', ['training:1', 'mail:1']],
    ['state=FAILURE&state=STARTED', ['training:2', 'training:1']],
    ['worker=worker-1&queue=training', ['training:2', 'training:1']],
    ['source=celery', ['c0ffee']],
    ['since=15m', ['training:2', 'c0ffee']],
    ['since=-15m&until=7m', ['c0ffee']],
    ['since=2026-01-02T10:00:00Z&until=2026-01-02T10:20', ['training:1']],
    [`since=${NOON / 1000 - 5 * 60}`, ['training:2']],
    ['sort=sent', ['mail:1', 'training:1', 'c0ffee', 'training:2']],
    ['sort=-runtime', ['training:1', 'mail:1', 'training:2', 'c0ffee']],
    ['sort=name', ['c0ffee', 'mail:1', 'training:2', 'training:1']],
    ['q=', ['training:2', 'c0ffee', 'training:1', 'mail:1']],
    ['q=reset', ['training:1']],
    [`q=${encodeURIComponent('state:FAILURE and runtime:>5s')}`, ['training:1']],
    [`q=${encodeURIComponent('started:>-15m or id:c0ffee')}`, ['training:2', 'c0ffee']],
    [`q=${encodeURIComponent('mail not source:celery')}`, ['mail:1']],
    [`q=${encodeURIComponent('queue:training')}&state=STARTED`, ['training:2']],
    ['name=nobody', []],
  ])('finds by %s', async (query, ids) => {
    expect(await idsOf(query)).toEqual(ids);
  });

  test('pages through everything once, with the exact total on each page', async () => {
    const seen: unknown[] = [];
    let query = 'limit=1';
    for (let page = 0; page < 4; page += 1) {
      const { body } = await api.request.get(`${TASKS}?${query}`);
      expect(body.total).toBe(4);
      seen.push(...body.items.map((item: { task_id: unknown }) => item.task_id));
      if (page === 3) expect(body.next_cursor).toBeNull();
      query = `limit=1&cursor=${body.next_cursor}`;
    }

    expect(seen).toEqual(['training:2', 'c0ffee', 'training:1', 'mail:1']);
  });

  test.each([
    ['limit=0', 'limit: expected a whole number from 1 to 500, found 0'],
    ['limit=501', 'limit: expected a whole number from 1 to 500, found 501'],
    ['limit=ten', 'limit: expected a whole number from 1 to 500, found "ten"'],
    [
      'state=GONE',
      'state: expected one or more of PENDING, RECEIVED, STARTED, SUCCESS, FAILURE, RETRY, REVOKED, REJECTED, LOST, found ["GONE"]',
    ],
    [
      'sort=age',
      'sort: expected one of -sent, sent, -started, started, -finished, finished, -runtime, runtime, -name, name, found "age"',
    ],
    ['name=a&name=b', 'name: expected a text of at most 512 characters, given once, found ["a","b"]'],
    [
      'since=yesterday',
      'since: expected an ISO 8601 time, epoch seconds, or how long ago, such as 15m, found "yesterday"',
    ],
    [
      'until=1641120600000',
      'until: expected an ISO 8601 time, epoch seconds, or how long ago, such as 15m, found "1641120600000"',
    ],
    ['q=state:', 'expected a value after "state:" at position 6, found end'],
    ['cursor=!!!', 'cursor: expected a next_cursor of an earlier answer, found "!!!"'],
    [
      'nmae=x',
      'nmae: expected one of cursor, limit, name, q, queue, since, sort, source, state, until, worker, found unknown "nmae"',
    ],
  ])('refuses %s', async (query, detail) => {
    const response = await api.request.get(`${TASKS}?${query}`);

    expect(response.status).toBe(400);
    expect(response.type).toBe('application/problem+json');
    expect(response.body).toMatchObject({
      type: 'urn:taskscope:problem:invalid-request',
      title: 'Invalid request',
      status: 400,
      detail,
      instance: TASKS,
    });
  });

  test('refuses a cursor under another order than it was made for', async () => {
    const { body } = await api.request.get(`${TASKS}?limit=1`);

    const response = await api.request.get(`${TASKS}?limit=1&sort=name&cursor=${body.next_cursor}`);

    expect(response.status).toBe(400);
    expect(response.body.detail).toBe('cursor: expected a cursor made with sort=name, found one made with sort=-sent');
  });

  test('names an unknown source as such', async () => {
    const response = await api.request.get(`${TASKS}?source=nope`);

    expect(response.status).toBe(404);
    expect(response.body.type).toBe('urn:taskscope:problem:source-not-found');
  });
});
