import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { DatabaseSync } from '@photostructure/sqlite';
import { SystemClock } from '../../../src/core/clock.js';
import type { ControlAction, HistoryState, HistoryStore } from '../../../src/core/history-store.js';
import { KyselyHistoryStore } from '../../../src/history/kysely-history-store.js';
import { SqliteDatabase } from '../../../src/history/sqlite/sqlite-database.js';
import { NOON } from '../../support/builders.js';
import { SQLITE_THREAD_SOURCE } from '../../support/history.js';
import { batch } from './history-records.js';
import { historyStoreContract } from './history-store.contract.js';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'taskscope-history-'));
  folders.push(folder);
  return join(folder, 'history.sqlite');
}

async function opened(file: string): Promise<{ readonly store: HistoryStore; readonly state: HistoryState }> {
  const database = new SqliteDatabase({
    file,
    thread: SQLITE_THREAD_SOURCE,
    warn: (message) => {
      throw new Error(message);
    },
  });
  const store = new KyselyHistoryStore(database, new SystemClock());
  return { store, state: await store.open() };
}

historyStoreContract('SQLite', async () => {
  const file = newFile();
  return { open: () => opened(file) };
});

test('a file from before the answers of workers were stored is brought up to date, and its actions stay', async () => {
  const file = newFile();
  const { store: first } = await opened(file);
  await first.append(batch({ actions: [ACTION] }));
  await first.close();
  const old = new DatabaseSync(file);
  old.exec('ALTER TABLE action DROP COLUMN workers');
  old.exec('DROP TABLE deployment');
  old.exec("DELETE FROM kysely_migration WHERE name > '0003-payloads-workers-actions'");
  old.close();

  const { store } = await opened(file);
  try {
    await store.append(batch({ actions: [{ ...ACTION, at: NOON + 1 }] }));

    const found = await store.actions({ since: 0, task: null, limit: 10 });
    expect(found.map(({ at, workers }) => [at, workers])).toEqual([
      [NOON + 1, ACTION.workers],
      [NOON, []],
    ]);
  } finally {
    await store.close();
  }
});

const ACTION: ControlAction = {
  at: NOON,
  kind: 'user',
  who: 'ada',
  address: '127.0.0.1',
  operation: 'revokeTask',
  path: '/api/v1/celery/tasks/a/revoke',
  asked: {},
  outcome: 'allowed',
  status: 200,
  message: null,
  workers: [{ worker: 'w1@host', answer: 'acknowledged', message: null }],
};
