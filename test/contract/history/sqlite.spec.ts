import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { SystemClock } from '../../../src/core/clock.js';
import { KyselyHistoryStore } from '../../../src/history/kysely-history-store.js';
import { SqliteDatabase } from '../../../src/history/sqlite/sqlite-database.js';
import { SQLITE_THREAD_SOURCE } from '../../support/history.js';
import { historyStoreContract } from './history-store.contract.js';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

historyStoreContract('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'taskscope-history-'));
  folders.push(folder);
  return {
    open: async () => {
      const database = new SqliteDatabase({
        file: join(folder, 'history.sqlite'),
        thread: SQLITE_THREAD_SOURCE,
        warn: (message) => {
          throw new Error(message);
        },
      });
      const store = new KyselyHistoryStore(database, new SystemClock());
      return { store, state: await store.open() };
    },
  };
});
