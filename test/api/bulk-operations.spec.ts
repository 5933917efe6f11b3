import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeToken } from '../../src/auth/api-token.js';
import { MemoryTokenStore } from '../../src/auth/memory-token-store.js';
import { SourceUnavailable } from '../../src/core/errors.js';
import { CAPABILITIES } from '../../src/core/queue-engine.js';
import { taskEvent } from '../../src/core/task-event.js';
import { type ApiApp, FixedClock, startApiApp } from '../support/api-app.js';
import { aTaskDetail, NOON } from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { FakeEngine } from '../support/fake-engine.js';

const BULK = '/api/v1/celery/bulk-operations';

let api: ApiApp;
let engine: FakeEngine;
let clock: FixedClock;

beforeEach(async () => {
  engine = new FakeEngine();
  clock = new FixedClock();
  api = await startApiApp([engine], { clock });
  remember(6);
});

afterEach(() => api.close());

/** So many tasks, of which the broker stores all and memory has heard; the even ones have failed. */
function remember(count: number): void {
  for (let n = 1; n <= count; n += 1) {
    const id = `training:${n}`;
    engine.store(aTaskDetail({ id }));
    engine.emit(taskEvent('task-sent', id, NOON + n, { queue: 'training', sentAt: NOON + n, occurrence: 0 }));
    if (n % 2 === 0) engine.emit(taskEvent('task-failed', id, NOON + 100 + n, { queue: 'training', occurrence: 1 }));
  }
}

const over = (id: string) =>
  eventually(
    async () => {
      const { body } = await api.request.get(`${BULK}/${id}`);
      expect(body.finished_at).not.toBeNull();
      return body;
    },
    { within: 15_000 },
  );
const itemsOf = async (id: string, query = '') => (await api.request.get(`${BULK}/${id}/items${query}`)).body;

describe('a bulk operation', () => {
  test('counts without doing anything, and shows which tasks it would be', async () => {
    const { status, body } = await api.request.post(BULK).send({ action: 'retry', q: 'state:FAILURE', dry_run: true });

    expect(status).toBe(202);
    expect(body).toEqual({
      id: expect.any(String),
      action: 'retry',
      state: 'dry-run',
      q: 'state:FAILURE',
      rate: 50,
      matched_count: 3,
      unsupported_count: 0,
      search_complete: true,
      counts: { waiting: 3, done: 0, refused: 0, failed: 0, cancelled: 0 },
      message: 'A dry run: retry would be tried on 3 tasks.',
      created_at: '2026-01-02T10:30:00.000Z',
      finished_at: '2026-01-02T10:30:00.000Z',
    });
    const { items, total } = await itemsOf(body.id, '?limit=1');
    expect(total).toBe(3);
    expect(items).toEqual([{ task_id: 'training:2', source: 'bull', outcome: 'waiting', reason: null, message: null }]);
    expect(engine.actions).toEqual([]);
  });

  test('acts on all that match, and tells what has come of each', async () => {
    const { body } = await api.request
      .post(BULK)
      .send({ action: 'retry', q: 'state:FAILURE', expected_count: 3, rate: 500 });
    const done = await over(body.id);

    expect(done).toMatchObject({ state: 'finished', counts: { waiting: 0, done: 3, refused: 0, failed: 0 } });
    expect(done.message).toBe('retry on 3 tasks: 3 done, 0 refused, 0 failed (finished).');
    expect(engine.actions).toEqual(
      [2, 4, 6].map((n) => ({ on: `training:${n}`, action: { kind: 'retry', resetAttempts: false } })),
    );
    expect((await itemsOf(body.id, '?outcome=done')).total).toBe(3);
    expect((await itemsOf(body.id, '?outcome=failed')).total).toBe(0);
  });

  test.each([
    [{ action: 'promote' }, { kind: 'promote' }],
    [{ action: 'remove' }, { kind: 'remove' }],
    [
      { action: 'retry', reset_attempts: true },
      { kind: 'retry', resetAttempts: true },
    ],
    [
      { action: 'delay', delay_seconds: 2 },
      { kind: 'delay', delayMs: 2000 },
    ],
    [
      { action: 'priority', priority: 4 },
      { kind: 'priority', priority: 4 },
    ],
  ])('takes ids, each once, with %j', async (said, action) => {
    const { body } = await api.request.post(BULK).send({ ...said, ids: ['training:1', 'training:1'], rate: 500 });

    await over(body.id);

    expect(engine.actions).toEqual([{ on: 'training:1', action }]);
  });

  test('revokes, for every engine', async () => {
    const { body } = await api.request
      .post(BULK)
      .send({ action: 'revoke', terminate: true, signal: 'SIGKILL', ids: ['training:1'], source: 'bull' });

    await over(body.id);

    expect(engine.revokes).toEqual([{ id: 'training:1', request: { terminate: true, signal: 'SIGKILL' } }]);
  });

  test('does nothing to many tasks that its caller may not do to one', async () => {
    const { text, token } = makeToken({
      name: 'retries',
      role: null,
      permissions: ['view', 'operate'],
      actions: ['createBulkOperation', 'retryTask'],
      sources: null,
      queues: null,
      createdAt: NOON,
      createdBy: 'test',
      expiresAt: NOON + 1e9,
    });
    const tokens = new MemoryTokenStore();
    await tokens.add(token);
    const limited = await startApiApp([engine], { clock, tokens });
    const ask = (action: string) =>
      limited.request
        .post(BULK)
        .set('Authorization', `Bearer ${text}`)
        .send({ action, ids: ['training:1'] });

    const statuses = await Promise.all(
      ['retry', 'revoke', 'remove', 'promote'].map(async (action) => (await ask(action)).status),
    );
    await limited.close();

    expect(statuses).toEqual([202, 403, 403, 403]);
    expect(engine.revokes).toEqual([]);
  });

  test('goes on after tasks that are refused, gone or not answered for', async () => {
    engine.refusal = 'locked';
    const { body } = await api.request
      .post(BULK)
      .send({ action: 'promote', ids: ['training:1', 'training:99', 'training:2'], rate: 500 });
    const first = await over(body.id);
    engine.revokeReport = { outcome: 'unacknowledged', message: 'Nobody answered.', workers: [] };
    const revoked = await api.request.post(BULK).send({ action: 'revoke', ids: ['training:1'] });
    const second = await over(revoked.body.id);

    expect(first.counts).toMatchObject({ done: 0, refused: 3, failed: 0 });
    expect((await itemsOf(body.id)).items.map(({ reason }: { reason: string }) => reason)).toEqual([
      'locked',
      'gone',
      'locked',
    ]);
    expect(second.counts).toMatchObject({ failed: 1 });
    expect((await itemsOf(revoked.body.id)).items[0]).toMatchObject({
      outcome: 'failed',
      reason: 'unacknowledged',
      message: 'Nobody answered.',
    });
  });

  test('counts what a broker that goes away leaves undone as failed', async () => {
    engine.failTasks = new SourceUnavailable('gone');

    const { body } = await api.request.post(BULK).send({ action: 'promote', ids: ['unheard:1'] });

    expect((await over(body.id)).counts).toMatchObject({ failed: 1 });
  });

  test('can be cancelled: what has not begun is left alone', async () => {
    const { body } = await api.request.post(BULK).send({ action: 'promote', q: '', expected_count: 6, rate: 1 });

    const cancelled = await api.request.delete(`${BULK}/${body.id}`);
    const end = await over(body.id);
    const again = await api.request.delete(`${BULK}/${body.id}`);

    expect(cancelled.body.state).toMatch(/^cancell/);
    expect(end.state).toBe('cancelled');
    expect(end.counts.done).toBeLessThan(6);
    expect(end.counts.done + end.counts.cancelled).toBe(6);
    expect(engine.actions).toHaveLength(end.counts.done);
    expect(again.body.state).toBe('cancelled');
  });

  test('is not begun where more match than expected', async () => {
    const { status, body } = await api.request
      .post(BULK)
      .send({ action: 'retry', q: 'state:FAILURE', expected_count: 2 });

    expect(status).toBe(409);
    expect(body).toMatchObject({
      type: 'urn:taskscope:problem:count-exceeded',
      expected_count: 2,
      found_count: 3,
    });
    expect((await api.request.get(BULK)).body).toEqual({ items: [], total: 0 });
  });

  test('tells beforehand how many are of sources that cannot do it', async () => {
    const celery = new FakeEngine({
      name: 'celery',
      engine: 'celery',
      capabilities: CAPABILITIES.filter((known) => known !== 'retry'),
    });
    api.inspector.add(celery);
    celery.emit(taskEvent('task-failed', 'a', NOON, { occurrence: 1 }));

    const { body } = await api.request.post(BULK).send({ action: 'retry', q: 'state:FAILURE', dry_run: true });

    expect(body).toMatchObject({ matched_count: 4, unsupported_count: 1 });
  });

  test.each([
    [{ action: 'retry' }, 'expected one of q and ids, found neither'],
    [{ action: 'retry', q: 'a', ids: ['b'] }, 'expected one of q and ids, found both'],
    [{ action: 'retry', ids: [] }, 'ids: expected 1 to 5000 texts of at most 1024 characters, found []'],
    [{ action: 'retry', ids: [1] }, 'ids: expected 1 to 5000 texts of at most 1024 characters, found [1]'],
    [{ action: 'retry', q: 'a' }, /^expected_count: expected the most tasks that may be concerned/],
    [{ action: 'explode', ids: ['a'] }, /^action: expected one of revoke, retry, .* found "explode"$/],
    [{ action: 'delay', ids: ['a'] }, 'delay_seconds: expected a number, found none'],
    [{ action: 'priority', ids: ['a'] }, 'priority: expected a number, found none'],
    [{ action: 'revoke', ids: ['a'], signal: 'SIGKILL' }, /^signal: expected terminate=true/],
    [{ action: 'retry', q: '((', dry_run: true }, /expected/],
    [{ action: 'retry', ids: ['a'], rate: 501 }, 'rate: expected a whole number from 1 to 500, found 501'],
  ])('is a 400 with %j', async (body, detail) => {
    const response = await api.request.post(BULK).send(body);

    expect(response.status).toBe(400);
    expect(response.body.detail).toMatch(detail);
  });

  test('is one of at most five at a time', async () => {
    const begun = [];
    for (let n = 0; n < 5; n += 1) {
      begun.push(await api.request.post(BULK).send({ action: 'promote', ids: ['training:1', 'training:2'], rate: 1 }));
    }
    const sixth = await api.request.post(BULK).send({ action: 'promote', ids: ['training:1'] });
    const dry = await api.request.post(BULK).send({ action: 'promote', ids: ['training:1'], dry_run: true });

    expect(sixth.status).toBe(429);
    expect(sixth.body.running).toHaveLength(5);
    expect(dry.status).toBe(202);
    for (const { body } of begun) await api.request.delete(`${BULK}/${body.id}`);
  });

  test('is listed, the latest first, and forgotten an hour after its end', async () => {
    const first = await api.request.post(BULK).send({ action: 'promote', q: 'queue:training', dry_run: true });
    const second = await api.request.post(BULK).send({ action: 'remove', q: 'queue:training', dry_run: true });
    const { body } = await api.request.get(BULK);
    clock.at += 3_600_001;
    const late = await api.request.get(`${BULK}/${first.body.id}`);

    expect(body.items.map(({ id }: { id: string }) => id)).toEqual([second.body.id, first.body.id]);
    expect(late.status).toBe(404);
    expect(late.body.type).toBe('urn:taskscope:problem:bulk-operation-not-found');
  });
});
