import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeToken } from '../../src/auth/api-token.js';
import { MemoryTokenStore } from '../../src/auth/memory-token-store.js';
import { SystemClock } from '../../src/core/clock.js';
import type { HistoryStore } from '../../src/core/history-store.js';
import { taskEvent } from '../../src/core/task-event.js';
import { KyselyHistoryStore } from '../../src/history/kysely-history-store.js';
import { SqliteDatabase } from '../../src/history/sqlite/sqlite-database.js';
import { type ApiApp, startApiApp } from '../support/api-app.js';
import { NOON } from '../support/builders.js';
import { FakeEngine } from '../support/fake-engine.js';
import { aStoredTask, SQLITE_THREAD_SOURCE } from '../support/history.js';

const TASKS = '/api/v1/celery/tasks';
const STORED = 1_203;

const tokens = new MemoryTokenStore();
let api: ApiApp;
let store: HistoryStore;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'taskscope-export-'));
  const file = join(folder, 'history.sqlite');
  store = new KyselyHistoryStore(
    new SqliteDatabase({ file, thread: SQLITE_THREAD_SOURCE, warn: () => undefined }),
    new SystemClock(),
  );
  await store.open();
  const engine = new FakeEngine();
  api = await startApiApp([engine], { history: { store }, tokens });
  await store.append({
    at: NOON,
    tasks: Array.from({ length: STORED }, (_, at) =>
      aStoredTask({
        id: `mail:${at}`,
        queue: at % 3 === 0 ? 'mail' : 'other',
        name: 'mail.send',
        state: at === 7 ? 'FAILURE' : 'SUCCESS',
        sentAt: NOON + at,
        error: at === 7 ? { type: '＝cmd()', message: '\n@SUM("a",\nb)' } : null,
        args: { at },
        result: at === 7 ? undefined : 'x'.repeat(at),
        traceback: at === 7 ? 'Error: =cmd()\n  at x' : null,
      }),
    ),
    gaps: [],
    ledger: [],
    positions: [],
    series: [],
    lives: [],
    actions: [],
  });
  engine.emit(
    taskEvent('task-started', 'mail:live', NOON + 9e6, { name: 'mail.send', queue: 'mail', sentAt: NOON + 9e6 }),
  );
}, 30_000);

afterEach(async () => {
  await api.close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function idsOf(path: string, headers: Record<string, string> = {}): Promise<readonly unknown[]> {
  const text = await (await fetch(`${api.baseUrl}${TASKS}/export?${path}`, { headers })).text();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line).task_id);
}

describe('GET /api/v1/celery/tasks/export', () => {
  test('gives every task that a search finds once, over all pages, as NDJSON', async () => {
    const ids = await idsOf('q=name:mail.send&sort=sent');

    expect(ids).toEqual([...Array.from({ length: STORED }, (_, at) => `mail:${at}`), 'mail:live']);
  });

  test('ends at the limit', async () => {
    expect(await idsOf('limit=701&sort=sent')).toHaveLength(701);
  });

  test('gives CSV in which no text is a formula', async () => {
    const { text, headers } = await api.request.get(`${TASKS}/export?format=csv&state=FAILURE`);

    expect(headers['content-type']).toContain('text/csv');
    expect(headers['content-disposition']).toBe('attachment; filename="tasks.csv"');
    expect(headers['taskscope-total']).toBe('1');
    const [head, row] = text.split('\r\n');
    expect(head).toBe(
      'source,engine,task_id,task_name,state,queue,worker,sent_at,eta,started_at,finished_at,runtime_seconds,attempts,error_type,error_message',
    );
    expect(row).toMatch(/,'＝cmd\(\),"'\n@SUM\(""a"",\nb\)"$/);
    expect(row).toMatch(/,'＝cmd\(\),"'\n@SUM\(""a"",\nb\)"$/);
  });

  test('gives a limited caller what that caller may see, to the last page', async () => {
    const { text, token } = makeToken({
      name: 'test',
      role: null,
      permissions: ['view'],
      actions: null,
      sources: null,
      queues: ['mail'],
      createdAt: NOON,
      createdBy: 'test',
      expiresAt: NOON + 86_400_000,
    });
    await tokens.add(token);

    const ids = await idsOf('sort=sent&limit=100000', { authorization: `Bearer ${text}` });

    expect(ids).toHaveLength(STORED / 3 + 1);
    expect(ids.at(-1)).toBe('mail:live');
    const { body } = await api.request.get(TASKS).set({ authorization: `Bearer ${text}` });
    expect(body).toMatchObject({ history: true, total: STORED / 3 });
  });

  test('gives what tasks carry to who may see it, large or small, and refuses it to others', async () => {
    const path = `${TASKS}/export?sort=sent&fields=args,result,traceback`;

    const lines = (await (await fetch(api.baseUrl + path)).text()).trimEnd().split('\n');
    const csv = await (await fetch(`${api.baseUrl}${path}&format=csv&state=FAILURE`)).text();

    expect(lines).toHaveLength(STORED + 1);
    for (const at of [0, 7, 600, STORED - 1]) {
      const failed = at === 7;
      expect(JSON.parse(lines[at] ?? '')).toMatchObject({
        task_id: `mail:${at}`,
        args: { at },
        result: failed ? null : 'x'.repeat(at),
        traceback: failed ? 'Error: =cmd()\n  at x' : null,
      });
    }
    expect(JSON.parse(lines[STORED] ?? '')).toMatchObject({ task_id: 'mail:live', args: null, result: null });
    expect(csv).toContain('error_message,args,result,traceback\r\n');
    expect(csv).toMatch(/,"\{""at"":7\}",,"Error: =cmd\(\)\n {2}at x"\r\n$/);
    const { text, token } = makeToken({
      name: 'blind',
      role: null,
      permissions: ['view'],
      actions: null,
      sources: null,
      queues: null,
      createdAt: NOON,
      createdBy: 'test',
      expiresAt: NOON + 86_400_000,
    });
    await tokens.add(token);
    const { status, body } = await api.request.get(path).set({ authorization: `Bearer ${text}` });
    expect(status).toBe(403);
    expect(body.detail).toContain('view-payloads');
    expect((await api.request.get(`${TASKS}/export?fields=args,secrets`)).status).toBe(400);
  });

  test('answers what is wrong as a problem', async () => {
    const { status, body } = await api.request.get(`${TASKS}/export?q=nosuch:1`);

    expect(status).toBe(400);
    expect(body.errors[0]).toMatchObject({ field: 'q', position: 0 });
    expect((await api.request.get(`${TASKS}/export?format=xml`)).status).toBe(400);
  });
});
