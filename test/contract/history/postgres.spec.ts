import { afterAll, beforeAll, expect, test } from '@jest/globals';
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

test('an instance that stands by notes deployments, too, while another writes', async () => {
  const url = server.create('history_standby');
  const storeOf = () => new KyselyHistoryStore(new PostgresDatabase(url, () => undefined), new SystemClock());
  const [writer, standby] = [storeOf(), storeOf()];
  try {
    await writer.open();

    await standby.addDeployment({ id: 'a', at: 1, name: 'billing', version: null, link: null, who: null });

    expect(await writer.deployments({ from: 0, to: 2, limit: 10 })).toMatchObject({ total: 1 });
  } finally {
    await standby.close();
    await writer.close();
  }
});
