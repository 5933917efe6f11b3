import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeToken } from '../../src/auth/api-token.js';
import { MemoryTokenStore } from '../../src/auth/memory-token-store.js';
import { SystemClock } from '../../src/core/clock.js';
import type { ControlAction, HistoryStore, WorkerLife } from '../../src/core/history-store.js';
import { KyselyHistoryStore } from '../../src/history/kysely-history-store.js';
import { SqliteDatabase } from '../../src/history/sqlite/sqlite-database.js';
import { type ApiApp, startApiApp } from '../support/api-app.js';
import { aTaskDetail, aWorker, NOON } from '../support/builders.js';
import { FakeEngine } from '../support/fake-engine.js';
import { SQLITE_THREAD_SOURCE } from '../support/history.js';

const API = '/api/v1/celery';
const tokens = new MemoryTokenStore();
let api: ApiApp;
let store: HistoryStore;
let folder: string;

const life = (said: Partial<WorkerLife>): WorkerLife => ({
  source: 'bull',
  name: 'w1@host',
  since: NOON,
  pid: 7,
  host: 'host',
  software: 'bull 4.16.5',
  startedAt: NOON - 5_000,
  seenAt: NOON,
  endedAt: null,
  ended: null,
  ...said,
});

const action = (said: Partial<ControlAction>): ControlAction => ({
  at: NOON,
  kind: 'token',
  who: 'ops',
  address: '127.0.0.1',
  operation: 'revokeTask',
  path: `${API}/tasks/mail%3A1/revoke`,
  asked: {},
  outcome: 'allowed',
  status: 200,
  message: 'it will not run',
  workers: [],
  ...said,
});

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'taskscope-records-'));
  const file = join(folder, 'history.sqlite');
  store = new KyselyHistoryStore(
    new SqliteDatabase({ file, thread: SQLITE_THREAD_SOURCE, warn: () => undefined }),
    new SystemClock(),
  );
  await store.open();
  await store.append({
    at: NOON,
    tasks: [],
    gaps: [],
    ledger: [],
    positions: [],
    series: [],
    lives: [
      life({ since: NOON - 60_000, pid: 6, seenAt: NOON - 5_000, endedAt: NOON - 5_000, ended: 'lost' }),
      life({}),
      life({ name: 'w2@host' }),
      life({ name: 'old@host', endedAt: NOON, ended: 'offline' }),
    ],
    actions: [
      action({}),
      action({ at: NOON + 1, asked: { source: 'other' } }),
      action({
        at: NOON + 2,
        operation: 'retryTask',
        path: `${API}/tasks/mail:1/retry`,
        outcome: 'refused',
        status: 403,
      }),
      action({ path: `${API}/tasks/mail%3A11/revoke` }),
    ],
  });
  const engine = new FakeEngine();
  engine.setSnapshot({
    workers: [aWorker({ name: 'w1@host', queues: ['mail'] }), aWorker({ name: 'new@host', queues: ['mail'] })],
  });
  engine.store(aTaskDetail({ id: 'mail:1', queue: 'mail' }));
  api = await startApiApp([engine], { history: { store }, tokens });
}, 30_000);

afterEach(async () => {
  await api.close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('GET /workers/{name}/lives', () => {
  test('tells which processes have had the name, also of a worker that has gone', async () => {
    const { status, body } = await api.request.get(`${API}/workers/w1@host/lives`);
    const gone = await api.request.get(`${API}/workers/old@host/lives?limit=1`);
    const fresh = await api.request.get(`${API}/workers/new@host/lives`);

    expect(status).toBe(200);
    expect(body).toEqual({
      items: [
        {
          source: 'bull',
          pid: 7,
          host: 'host',
          software: 'bull 4.16.5',
          since: '2026-01-02T10:30:00.000Z',
          started_at: '2026-01-02T10:29:55.000Z',
          last_seen_at: '2026-01-02T10:30:00.000Z',
          ended_at: null,
          ended: null,
        },
        expect.objectContaining({ pid: 6, ended_at: '2026-01-02T10:29:55.000Z', ended: 'lost' }),
      ],
      truncated: false,
      history: true,
    });
    expect(gone.body.items).toMatchObject([{ ended: 'offline' }]);
    expect(fresh.body).toEqual({ items: [], truncated: false, history: true });
    expect((await api.request.get(`${API}/workers/w1@host/lives?limit=1`)).body).toMatchObject({ truncated: true });
  });

  test('is 404 for a name that nobody ever had, and 404 for a source that there is not', async () => {
    expect((await api.request.get(`${API}/workers/nobody/lives`)).status).toBe(404);
    expect((await api.request.get(`${API}/workers/w1@host/lives?source=nosuch`)).status).toBe(404);
  });

  test('tells a caller who is limited to other queues nothing', async () => {
    const { text, token } = makeToken({
      name: 'limited',
      role: null,
      permissions: ['view'],
      actions: null,
      sources: null,
      queues: ['other'],
      createdAt: NOON,
      createdBy: 'test',
      expiresAt: NOON + 86_400_000,
    });
    await tokens.add(token);

    const { status } = await api.request.get(`${API}/workers/w1@host/lives`).set({ authorization: `Bearer ${text}` });

    expect(status).toBe(404);
  });
});

describe('GET /tasks/{id}/audit', () => {
  test('tells what was done to the task, and tried, the latest first', async () => {
    const { status, body } = await api.request.get(`${API}/tasks/mail%3A1/audit`);

    expect(status).toBe(200);
    expect(body).toMatchObject({
      items: [
        { action: 'retryTask', outcome: 'refused', status: 403, at: '2026-01-02T10:30:00.002Z' },
        { action: 'revokeTask', who: 'ops', kind: 'token', outcome: 'allowed', message: 'it will not run' },
      ],
      truncated: false,
      history: true,
    });
    expect(body.items).toHaveLength(2);
  });

  test('says where nothing is stored, and is 404 for a task that nobody knows', async () => {
    const engine = new FakeEngine();
    engine.store(aTaskDetail({ id: 'mail:1' }));
    const bare = await startApiApp([engine]);

    const answer = await bare.request.get(`${API}/tasks/mail:1/audit`);
    await bare.close();

    expect(answer.body).toEqual({ items: [], truncated: false, history: false });
    expect((await api.request.get(`${API}/tasks/mail:2/audit`)).status).toBe(404);
  });
});
