import { afterEach, expect, test } from '@jest/globals';
import { type ApiApp, startApiApp } from '../support/api-app.js';
import { aTaskDetail, NOON } from '../support/builders.js';
import { FakeEngine } from '../support/fake-engine.js';

const TASKS = '/api/v1/celery/tasks';

let api: ApiApp | undefined;

afterEach(async () => {
  await api?.close();
  api = undefined;
});

function ran(id: string, from: number, to: number, said: Parameters<typeof aTaskDetail>[0] = {}) {
  return aTaskDetail({
    id,
    state: 'SUCCESS',
    sentAt: NOON,
    startedAt: NOON + from * 1000,
    finishedAt: NOON + to * 1000,
    ...said,
  });
}

test('tells the tree of a flow from any of its tasks, from the ids that the broker keeps', async () => {
  const engine = new FakeEngine({ name: 'bull', engine: 'bullmq' });
  const root = 'flow:1';
  engine.store(
    ran(root, 6, 7, { childIds: ['a:1', 'b:1'] }),
    ran('a:1', 0, 2, { parentId: root, rootId: root }),
    ran('b:1', 4, 6, { parentId: root, rootId: root, childIds: ['c:1', 'c:2'] }),
    ran('c:1', 1, 4, { parentId: 'b:1', rootId: root }),
  );
  api = await startApiApp([engine]);

  const { status, body } = await api.request.get(`${TASKS}/c:1/family`);

  expect(status).toBe(200);
  expect(body).toMatchObject({
    source: 'bull',
    root_id: root,
    critical_path: ['c:1', 'b:1', root],
    complete: true,
    items: [
      { task_id: root, parent_id: null, depth: 0, critical: true },
      { task_id: 'a:1', parent_id: root, depth: 1, critical: false, task: { state: 'SUCCESS' } },
      { task_id: 'b:1', parent_id: root, depth: 1, critical: true },
      { task_id: 'c:1', parent_id: 'b:1', depth: 2, critical: true, task: { started_at: '2026-01-02T10:30:01.000Z' } },
      // Nobody keeps it any more.
      { task_id: 'c:2', parent_id: 'b:1', depth: 2, critical: false, task: null },
    ],
  });
});

test('ends where there are very many, and says so', async () => {
  const engine = new FakeEngine({ name: 'bull', engine: 'bullmq' });
  const childIds = Array.from({ length: 900 }, (_, at) => `a:${at}`);
  engine.store(ran('flow:1', 0, 1, { childIds }));
  api = await startApiApp([engine]);

  const { body } = await api.request.get(`${TASKS}/flow:1/family`);

  expect(body.items).toHaveLength(500);
  expect(body.complete).toBe(false);
});

test('is the task alone where it belongs to none, and 404 where nobody knows the task', async () => {
  const engine = new FakeEngine();
  engine.store(ran('mail:1', 0, 1));
  api = await startApiApp([engine]);

  const alone = await api.request.get(`${TASKS}/mail:1/family`);
  const nobody = await api.request.get(`${TASKS}/mail:2/family`);

  expect(alone.body).toMatchObject({ root_id: 'mail:1', items: [{ task_id: 'mail:1' }], complete: true });
  expect(nobody.status).toBe(404);
});
