import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SystemClock } from '../../src/core/clock.js';
import type { HistoryStore, StoredTask } from '../../src/core/history-store.js';
import { taskEvent } from '../../src/core/task-event.js';
import { KyselyHistoryStore } from '../../src/history/kysely-history-store.js';
import { SqliteDatabase } from '../../src/history/sqlite/sqlite-database.js';
import { type ApiApp, startApiApp } from '../support/api-app.js';
import { NOON } from '../support/builders.js';
import { FakeEngine } from '../support/fake-engine.js';
import { aStoredTask, SQLITE_THREAD_SOURCE } from '../support/history.js';

const TASKS = '/api/v1/celery/tasks';
const MINUTE = 60_000;

let api: ApiApp;
let store: HistoryStore;
let folder: string;

function finished(at: number, said: Partial<StoredTask> = {}): StoredTask {
  return aStoredTask({
    id: `mail:${at}`,
    name: 'mail.send',
    queue: 'mail',
    state: 'SUCCESS',
    sentAt: NOON - at * MINUTE,
    startedAt: NOON - at * MINUTE + 5,
    finishedAt: NOON - at * MINUTE + 25,
    runtimeMs: 20,
    attempts: 1,
    worker: 'w1',
    ...said,
  });
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'taskscope-history-'));
  const database = new SqliteDatabase({
    file: join(folder, 'history.sqlite'),
    thread: SQLITE_THREAD_SOURCE,
    warn: (message) => {
      throw new Error(message);
    },
  });
  store = new KyselyHistoryStore(database, new SystemClock());
  await store.open();
  const engine = new FakeEngine();
  api = await startApiApp([engine], { history: { store } });
  // mail:2 goes on in memory: there it has failed since, which the history does not know yet.
  await store.append({
    at: NOON,
    tasks: [2, 3, 5, 8, 13].map((at) =>
      finished(at, at === 2 ? { state: 'STARTED', finishedAt: null, runtimeMs: null } : {}),
    ),
    gaps: [],
    ledger: [],
    positions: [],
    series: [],
    lives: [],
    actions: [],
  });
  const said = { name: 'mail.send', queue: 'mail', worker: 'w1', occurrence: 1 };
  engine.emit(
    taskEvent('task-started', 'mail:1', NOON - MINUTE, { ...said, sentAt: NOON - MINUTE }),
    taskEvent('task-failed', 'mail:2', NOON - MINUTE, {
      ...said,
      sentAt: NOON - 2 * MINUTE,
      error: { type: 'ValueError', message: 'no such address' },
    }),
  );
}, 30_000);

afterEach(async () => {
  await api.close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function idsOf(query: string): Promise<readonly unknown[]> {
  const { body } = await api.request.get(`${TASKS}?${query}`);
  return body.items.map((item: { task_id: unknown }) => item.task_id);
}

describe('GET /api/v1/celery/tasks with a history', () => {
  test('lists the tasks of memory and history as one', async () => {
    const { body } = await api.request.get(TASKS);

    expect(body.items.map((item: { task_id: unknown }) => item.task_id)).toEqual([
      'mail:1',
      'mail:2',
      'mail:3',
      'mail:5',
      'mail:8',
      'mail:13',
    ]);
    expect(body).toMatchObject({ next_cursor: null, complete: true, history: true });
    expect(body.items[1]).toMatchObject({ state: 'FAILURE', error: { type: 'ValueError' } });
    expect(body.items[5]).toEqual({
      source: 'bull',
      engine: 'bull',
      task_id: 'mail:13',
      task_name: 'mail.send',
      queue: 'mail',
      state: 'SUCCESS',
      worker: 'w1',
      sent_at: '2026-01-02T10:17:00.000Z',
      eta: null,
      started_at: '2026-01-02T10:17:00.005Z',
      finished_at: '2026-01-02T10:17:00.025Z',
      runtime_seconds: 0.02,
      attempts: 1,
      error: null,
    });
  });

  test.each(['-sent', 'sent', '-runtime', 'finished'])('pages through both once by %s', async (sort) => {
    const seen: unknown[] = [];
    let cursor = '';
    for (let page = 0; page < 10; page += 1) {
      const { body } = await api.request.get(`${TASKS}?limit=2&sort=${sort}${cursor}`);
      seen.push(...body.items.map((item: { task_id: unknown }) => item.task_id));
      if (body.next_cursor === null) break;
      cursor = `&cursor=${body.next_cursor}`;
    }

    expect(seen).toEqual(await idsOf(`sort=${sort}`));
    expect([...seen].sort()).toEqual(['mail:1', 'mail:13', 'mail:2', 'mail:3', 'mail:5', 'mail:8']);
  });

  test('takes memory’s word for a task that has changed since it was stored', async () => {
    expect(await idsOf('state=STARTED')).toEqual(['mail:1']);
    expect(await idsOf('state=FAILURE')).toEqual(['mail:2']);
  });

  test('searches by name order in memory only, and says so', async () => {
    const { body } = await api.request.get(`${TASKS}?sort=name`);

    expect(body).toMatchObject({ history: false, total: 2 });
  });
});

describe('GET /api/v1/celery/tasks/{id} with a history', () => {
  test('tells a task that broker and memory have forgotten', async () => {
    const { status, body } = await api.request.get(`${TASKS}/mail:8`);

    expect(status).toBe(200);
    expect(body).toMatchObject({
      task_id: 'mail:8',
      state: 'SUCCESS',
      attempt_history: [{ number: 1, worker: 'w1', outcome: 'success' }],
      timeline: [{ what: 'sent' }, { what: 'started' }, { what: 'succeeded' }],
    });
    expect((await api.request.get(`${TASKS}/mail:8/status`)).body).toMatchObject({
      known: true,
      state: 'SUCCESS',
      ready: true,
    });
  });

  test('still knows nothing of a task that nobody has seen', async () => {
    expect((await api.request.get(`${TASKS}/mail:4711`)).status).toBe(404);
  });
});
