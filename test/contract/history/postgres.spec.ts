import { afterAll, beforeAll } from '@jest/globals';
import { SystemClock } from '../../../src/core/clock.js';
import { KyselyHistoryStore } from '../../../src/history/kysely-history-store.js';
import { PostgresDatabase } from '../../../src/history/postgres/postgres-database.js';
import { type PostgresServer, startPostgresServer } from '../../support/postgres-server.js';
import { historyStoreContract } from './history-store.contract.js';

let server: PostgresServer;
let databases = 0;

beforeAll(async () => {
  server = await startPostgresServer();
}, 60_000);
afterAll(() => server.stop());

historyStoreContract('PostgreSQL', async () => {
  databases += 1;
  const url = server.create(`history_${databases}`);
  return {
    open: async () => {
      const store = new KyselyHistoryStore(new PostgresDatabase(url, () => undefined), new SystemClock());
      return { store, state: await store.open() };
    },
  };
});
