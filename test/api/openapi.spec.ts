import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { taskEvent } from '../../src/core/task-event.js';
import { type ApiApp, startApiApp } from '../support/api-app.js';
import { aQueue, aTask, aTaskDetail, aWorker, NOON } from '../support/builders.js';
import { FakeEngine } from '../support/fake-engine.js';
import { memberOf, nonconformities } from '../support/openapi-conformance.js';

// What is committed: the document made here, without the compiler's plugin, would lack most schemas.
const document: unknown = load(readFileSync(new URL('../../openapi.yaml', import.meta.url), 'utf8'));

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const paths = Object.entries(memberOf(document, 'paths') ?? {});
const operations = paths.flatMap(([path, item]) =>
  METHODS.flatMap((method) => {
    const operation = memberOf(item, method);
    return operation === undefined ? [] : [{ name: `${method.toUpperCase()} ${path}`, path, method, operation }];
  }),
);

function contentOf(operation: unknown, status: string): readonly [string, unknown][] {
  return Object.entries(memberOf(memberOf(memberOf(operation, 'responses'), status), 'content') ?? {});
}

describe('openapi.yaml', () => {
  test('has every operation under a name of its own', () => {
    const ids = operations.map(({ operation }) => memberOf(operation, 'operationId'));

    expect(ids.length).toBeGreaterThan(15);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test.each(operations)(
    'documents $name: summary, tag, typed success, errors as problem documents',
    ({ operation }) => {
      const responses = Object.keys(memberOf(operation, 'responses') ?? {});
      const successes = responses.filter((status) => status.startsWith('2'));

      expect(memberOf(operation, 'summary')).toMatch(/^[A-Z].{5,}[^.]$/);
      expect(memberOf(operation, 'tags')).toHaveLength(1);
      expect(successes.length).toBeGreaterThan(0);
      for (const status of responses) {
        const [content] = contentOf(operation, status);
        expect(memberOf(content?.[1], 'schema')).toBeDefined();
        const own = status.startsWith('2') || (status === '503' && content?.[0] === 'application/json');
        if (!own) expect(content?.[0]).toBe('application/problem+json');
      }
      expect(responses).toContain('500');
    },
  );

  test('gives every schema its properties, and every property a type', () => {
    const untyped: string[] = [];
    for (const [name, schema] of Object.entries(memberOf(memberOf(document, 'components'), 'schemas') ?? {})) {
      for (const [property, of] of Object.entries(memberOf(schema, 'properties') ?? {})) {
        const typed = ['type', '$ref', 'allOf', 'oneOf'].some((way) => memberOf(of, way) !== undefined);
        if (!typed) untyped.push(`${name}.${property}`);
      }
      if (memberOf(schema, 'properties') === undefined && memberOf(schema, 'enum') === undefined) untyped.push(name);
    }

    expect(untyped).toEqual([]);
  });
});

describe('what is served', () => {
  let api: ApiApp;

  beforeAll(async () => {
    const engine = new FakeEngine();
    const running = { state: 'STARTED', worker: 'worker-1', startedAt: NOON, progress: 40 } as const;
    engine.store(
      aTaskDetail({
        id: 'q:1',
        logs: ['line'],
        ...running,
        attemptHistory: [{ number: 1, worker: null, startedAt: NOON, endedAt: null, outcome: null, error: null }],
        timeline: [{ at: NOON, what: 'started', attempt: 1, worker: null }],
        raw: { opts: { attempts: 3 } },
      }),
      aTaskDetail({ id: 'q:2', state: 'FAILURE', error: { type: 'E', message: 'm' }, result: [1], args: 'text' }),
    );
    engine.setSnapshot({
      workers: [
        aWorker(),
        aWorker({
          name: 'full',
          queues: ['q'],
          autoscale: { minimum: 1, maximum: 2 },
          eventsEnabled: true,
          resources: {
            measuredAt: NOON,
            processType: 'worker',
            memoryBytes: 1,
            cpuPercent: 0.5,
            diskReadBytes: null,
            diskWriteBytes: 2,
            processCount: 1,
          },
        }),
      ],
      queues: [
        aQueue({ name: 'bare' }),
        aQueue({
          name: 'full',
          byPriority: [{ priority: null, length: 1 }],
          kept: { succeeded: 1, failed: 2 },
          limits: { concurrency: 1, rate: { tasks: 1, periodMs: 1 }, heldBackMs: 1 },
          schedules: [
            {
              id: 'i',
              name: 'n',
              cron: '* * * * *',
              everyMs: null,
              timeZone: null,
              nextAt: NOON,
              lastAt: NOON,
              missed: false,
              missedRuns: 0,
            },
          ],
        }),
      ],
      active: { tasks: [aTask({ id: 'q:1', ...running })], total: 1 },
      reserved: { tasks: [aTask({ id: 'q:3' })], total: 1 },
      scheduled: { tasks: [aTask({ id: 'q:4', eta: NOON })], total: 1 },
    });
    engine.revokeReport = {
      outcome: 'accepted',
      message: 'm',
      workers: [{ worker: 'worker-1', answer: 'acknowledged', message: null }],
    };
    api = await startApiApp([engine]);
    engine.emit(taskEvent('task-failed', 'q:2', NOON, { error: { type: 'E', message: 'm' }, name: 'n' }));
    api.inspector.resolving('redis://new', { connection: 'connected', since: NOON, lastAnswerAt: NOON, problem: null });
  });

  afterAll(() => api.close());

  const API = '/api/v1/celery';
  test.each([
    ['get', '/tasks/status', '/tasks/status'],
    ['get', '/tasks', '/tasks?limit=1'],
    ['get', '/tasks', '/tasks?limit=0'],
    ['get', '/tasks/{id}', '/tasks/q:1'],
    ['get', '/tasks/{id}', '/tasks/q:2'],
    ['get', '/tasks/{id}', '/tasks/unknown'],
    ['get', '/tasks/{id}/status', '/tasks/q:1/status'],
    ['get', '/tasks/{id}/status', '/tasks/q:2/status'],
    ['post', '/tasks/{id}/revoke', '/tasks/q:1/revoke?terminate=true'],
    ['post', '/workers/{name}/shutdown', '/workers/full/shutdown'],
    ['get', '/workers/status', '/workers/status'],
    ['get', '/workers/{name}', '/workers/full'],
    ['get', '/queues/status', '/queues/status'],
    ['get', '/queues/{name}', '/queues/full'],
    ['get', '/queues/{name}/waiting', '/queues/full/waiting'],
    ['post', '/tasks/{id}/retry', '/tasks/q:1/retry'],
    ['post', '/tasks/{id}/promote', '/tasks/unknown/promote'],
    ['delete', '/tasks/{id}', '/tasks/q:1'],
    ['patch', '/tasks/{id}', '/tasks/q:1'],
    ['get', '/tasks/{id}/logs', '/tasks/q:1/logs'],
    ['put', '/queues/{name}/pause', '/queues/full/pause'],
    ['delete', '/queues/{name}/pause', '/queues/full/pause'],
    ['post', '/queues/{name}/drain', '/queues/full/drain'],
    ['get', '/schedules', '/schedules'],
    ['get', '/schedules/{id}', '/schedules/full:i'],
    ['delete', '/schedules/{id}', '/schedules/full:i'],
    ['post', '/schedules/{id}/run', '/schedules/full:i/run'],
    ['post', '/bulk-operations', '/bulk-operations'],
    ['get', '/bulk-operations', '/bulk-operations'],
    ['get', '/bulk-operations/{id}', '/bulk-operations/none'],
    ['get', '/sources', '/sources'],
    ['get', '/health', '/health'],
  ] as const)('%s %s answers %s as the document says', async (method, route, url) => {
    const operation = operations.find((known) => known.path === API + route && known.method === method)?.operation;

    const response = await api.request[method](API + url);

    const [content] = contentOf(operation, String(response.status));
    expect(response.type).toBe(content?.[0]);
    const found = nonconformities(document, memberOf(content?.[1], 'schema'), response.body);
    // Problem documents may have further members.
    expect(found.filter((problem) => response.ok || !problem.includes('undocumented'))).toEqual([]);
  });

  test.each(['/health/live', '/health/ready'])('get %s answers as the document says', async (path) => {
    const operation = operations.find((known) => known.path === path)?.operation;

    const response = await api.request.get(path);

    const [content] = contentOf(operation, String(response.status));
    expect(nonconformities(document, memberOf(content?.[1], 'schema'), response.body)).toEqual([]);
  });

  test('is in the document, all of it', async () => {
    const { body } = await api.request.get('/docs/openapi.json');

    const served = Object.keys(body.paths);
    expect(paths.map(([path]) => path)).toEqual(expect.arrayContaining(served));
  });
});
