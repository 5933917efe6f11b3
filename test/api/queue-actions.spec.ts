import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ActionRefused, CountExceeded } from '../../src/core/errors.js';
import { CAPABILITIES } from '../../src/core/queue-engine.js';
import { type ApiApp, startApiApp } from '../support/api-app.js';
import { aQueue } from '../support/builders.js';
import { FakeEngine } from '../support/fake-engine.js';

const QUEUE = '/api/v1/celery/queues/training';

let api: ApiApp;
let engine: FakeEngine;

beforeEach(async () => {
  engine = new FakeEngine();
  engine.setSnapshot({ queues: [aQueue(), aQueue({ name: 'a/b:c d' })] });
  api = await startApiApp([engine]);
});

afterEach(() => api.close());

describe('an action on a queue', () => {
  const CLEAN = { kind: 'clean', tasks: 'failed', olderThanMs: 0, limit: 10_000 };

  test.each([
    ['put', '/pause', undefined, { action: { kind: 'pause' }, atMost: null, dryRun: false }],
    ['delete', '/pause', undefined, { action: { kind: 'resume' }, atMost: null, dryRun: false }],
    ['post', '/clean', { tasks: 'failed' }, { action: CLEAN, atMost: null, dryRun: false }],
    [
      'post',
      '/clean',
      { tasks: 'failed', older_than_seconds: 0.5, limit: 3, expected_count: 9, dry_run: true },
      { action: { ...CLEAN, olderThanMs: 500, limit: 3 }, atMost: 9, dryRun: true },
    ],
    ['post', '/drain', { expected_count: 3 }, { action: { kind: 'drain', delayed: false }, atMost: 3, dryRun: false }],
    [
      'post',
      '/drain',
      { delayed: true, dry_run: true },
      { action: { kind: 'drain', delayed: true }, atMost: null, dryRun: true },
    ],
    [
      'post',
      '/obliterate',
      { expected_count: 0, force: true },
      { action: { kind: 'obliterate', force: true }, atMost: 0, dryRun: false },
    ],
  ] as const)('%s …%s %j asks the engine for %j', async (method, route, body, request) => {
    const response = await api.request[method](QUEUE + route).send(body);

    expect(response.status).toBe(200);
    expect(response.body).toEqual({
      source: 'bull',
      engine: 'bull',
      queue: 'training',
      action: request.action.kind,
      dry_run: request.dryRun,
      message: 'Done.',
      matched_count: 3,
      removed_count: 3,
      complete: true,
      before: { waiting: 3, active: 0, delayed: 1, succeeded: 0, failed: 0, paused: false },
      after: null,
    });
    expect(engine.actions).toEqual([{ on: 'training', action: request }]);
  });

  test('finds names with any characters in them', async () => {
    const response = await api.request.put('/api/v1/celery/queues/a%2Fb:c%20d/pause');

    expect(response.body.queue).toBe('a/b:c d');
    expect(engine.actions).toMatchObject([{ on: 'a/b:c d' }]);
  });

  test.each([
    ['/drain', {}, /^expected_count: expected the most tasks that may be removed, or dry_run=true/],
    ['/obliterate', { dry_run: false }, /^expected_count: expected the most/],
    ['/clean', {}, 'tasks: expected one of waiting, delayed, succeeded, failed, found nothing'],
    ['/clean', { tasks: 'active' }, 'tasks: expected one of waiting, delayed, succeeded, failed, found "active"'],
    ['/drain', { expected_count: '3x' }, 'expected_count: expected a whole number from 0 to 1000000000, found "3x"'],
  ])('%s with the body %j is a 400', async (route, body, detail) => {
    const response = await api.request.post(QUEUE + route).send(body);

    expect(response.status).toBe(400);
    expect(response.body.detail).toMatch(detail);
    expect(engine.actions).toEqual([]);
  });

  test('on more tasks than expected is a 409 with both numbers', async () => {
    engine.failQueue = new CountExceeded('too many', { expected_count: 1, found_count: 2 });

    const response = await api.request.post(`${QUEUE}/drain`).send({ expected_count: 1 });

    expect(response.status).toBe(409);
    expect(response.body).toMatchObject({
      type: 'urn:taskscope:problem:count-exceeded',
      expected_count: 1,
      found_count: 2,
    });
  });

  test('that is refused is a 409 with the reason', async () => {
    engine.failQueue = new ActionRefused('running', { reason: 'state', active: 2 });

    const response = await api.request.post(`${QUEUE}/obliterate`).send({ expected_count: 1 });

    expect(response.status).toBe(409);
    expect(response.body).toMatchObject({
      type: 'urn:taskscope:problem:action-refused',
      reason: 'state',
      detail: 'running',
    });
  });

  test.each([
    ['put', '/pause', undefined, 'pause-queue'],
    ['delete', '/pause', undefined, 'pause-queue'],
    ['post', '/clean', { tasks: 'failed' }, 'clean-queue'],
    ['post', '/drain', { expected_count: 1 }, 'drain-queue'],
    ['post', '/obliterate', { expected_count: 1 }, 'obliterate-queue'],
  ] as const)('%s …%s is a 409 where the source lacks the capability', async (method, route, body, capability) => {
    await api.close();
    engine = new FakeEngine({ capabilities: CAPABILITIES.filter((known) => known !== capability) });
    engine.setSnapshot({ queues: [aQueue()] });
    api = await startApiApp([engine]);

    const response = await api.request[method](QUEUE + route).send(body);

    expect(response.status).toBe(409);
    expect(response.body).toMatchObject({ type: 'urn:taskscope:problem:not-supported', capability });
    expect(engine.actions).toEqual([]);
  });

  test('on an unknown queue is a 404, and on one that two sources have a 409', async () => {
    const unknown = await api.request.put('/api/v1/celery/queues/nope/pause');
    const other = new FakeEngine({ name: 'other' });
    other.setSnapshot({ queues: [aQueue()] });
    api.inspector.add(other);
    const ambiguous = await api.request.put(`${QUEUE}/pause`);
    const settled = await api.request.put(`${QUEUE}/pause?source=other`);

    expect(unknown.status).toBe(404);
    expect(ambiguous.body.type).toBe('urn:taskscope:problem:ambiguous-name');
    expect(settled.body).toMatchObject({ source: 'other' });
    expect(engine.actions).toEqual([]);
  });

  test('is seen by whoever looks next', async () => {
    await api.close();
    api = await startApiApp([engine], { snapshotMaxAgeMs: 60_000 });
    await api.request.get(QUEUE);
    const before = engine.inspections;

    await api.request.put(`${QUEUE}/pause`);
    await api.request.get(QUEUE);

    expect(engine.inspections).toBe(before + 1);
  });
});
