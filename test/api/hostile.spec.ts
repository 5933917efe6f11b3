import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { taskEvent } from '../../src/core/task-event.js';
import { type ApiApp, startApiApp } from '../support/api-app.js';
import { aQueue, aTaskDetail, aWorker, NOON } from '../support/builders.js';
import { FakeEngine } from '../support/fake-engine.js';

const API = '/api/v1/celery';

/** Texts that have hurt other services, beside random ones. */
const text = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '__proto__',
      'constructor',
      'toString',
      '../../etc/passwd',
      '%00',
      '\u0000',
      'a\r\nSet-Cookie: x=1',
      '*',
      '{}',
      '$where',
      '<script>alert(1)</script>',
      'status',
      '',
      ':',
      '(((((((((',
      'state:(or)',
    ),
  },
);
const encoded = text.map((value) => encodeURIComponent(value));
const names = fc.constantFrom(
  'q',
  'name',
  'state',
  'worker',
  'queue',
  'source',
  'since',
  'until',
  'sort',
  'limit',
  'cursor',
  'terminate',
  'signal',
  '__proto__',
  'a[b]',
);
const query = fc
  .array(fc.tuple(fc.oneof({ weight: 5, arbitrary: names }, { weight: 1, arbitrary: encoded }), encoded), {
    maxLength: 4,
  })
  .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('&'));
const path = fc.oneof(
  fc.constantFrom('/tasks', '/tasks/status', '/workers/status', '/queues/status', '/health', '/sources'),
  fc.tuple(fc.constantFrom('/tasks/', '/workers/', '/queues/'), encoded).map(([start, id]) => start + id),
  encoded.map((id) => `/tasks/${id}/status`),
);

let api: ApiApp;

beforeAll(async () => {
  const engine = new FakeEngine();
  // A broker may hold anything where a time or a number should be.
  const odd = { sentAt: 1e300, startedAt: Number.NaN, finishedAt: -1e17, eta: Number.POSITIVE_INFINITY };
  engine.store(aTaskDetail({ id: '__proto__:1', ...odd, result: JSON.parse('{"__proto__": {"polluted": 1}}') }));
  engine.setSnapshot({
    workers: [aWorker({ name: '__proto__', startedAt: 1e300, lastSeenAt: Number.NaN })],
    queues: [aQueue({ name: 'constructor' })],
  });
  api = await startApiApp([engine, new FakeEngine({ name: 'away', connection: 'disconnected' })]);
  engine.emit(taskEvent('task-started', 'toString', NOON, { name: '__proto__', queue: '\u0000', sentAt: 1e300 }));
});

afterAll(() => api.close());

describe('hostile ids and query strings', () => {
  test('never make the service fail: every answer is JSON, below 500 but for a source that is away', async () => {
    await fc.assert(
      fc.asyncProperty(path, query, async (where, what) => {
        const response = await fetch(`${api.baseUrl}${API}${where}?${what}`);
        const body: unknown = await response.json();

        expect(response.headers.get('content-type')).toMatch(/^application\/(problem\+)?json; charset=utf-8$/);
        if (response.status >= 500) {
          expect(body).toMatchObject({ status: 503, type: 'urn:taskscope:problem:source-unavailable' });
        }
        expect(Reflect.get({}, 'polluted')).toBeUndefined();
      }),
      { numRuns: 400 },
    );
  });

  test('never make a revoke fail', async () => {
    await fc.assert(
      fc.asyncProperty(encoded, query, fc.json(), async (id, what, body) => {
        const response = await fetch(`${api.baseUrl}${API}/tasks/${id}/revoke?${what}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        });

        expect([200, 202, 400, 404, 503]).toContain(response.status);
        expect(Reflect.get({}, 'polluted')).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  test('are told back as they are, not as a prototype', async () => {
    const task = await api.request.get(`${API}/tasks/__proto__:1`);
    const worker = await api.request.get(`${API}/workers/__proto__`);
    const queue = await api.request.get(`${API}/queues/constructor`);

    expect(task.body).toMatchObject({ task_id: '__proto__:1', sent_at: null, started_at: null, finished_at: null });
    expect(task.text).toContain('"result":{"__proto__":{"polluted":1}}');
    expect(worker.body).toMatchObject({ name: '__proto__', started_at: null, last_seen_at: null });
    expect(queue.body).toMatchObject({ name: 'constructor' });
  });
});
