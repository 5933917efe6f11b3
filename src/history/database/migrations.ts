import { type Kysely, Migrator } from 'kysely';
import { createTables } from './0001-tables.js';
import { addSeriesAndFailures } from './0002-series-and-failures.js';
import { addPayloadsWorkersActions } from './0003-payloads-workers-actions.js';
import { addDeployments } from './0004-deployments.js';
import { addActionWorkers } from './0005-action-workers.js';
import type { ColumnTypes, Migrations } from './history-database.js';
import type { HistorySchema } from './schema.js';

/** In the order in which they are applied. One that has been released is never changed: the next number follows. */
function migrationsFor(types: ColumnTypes): Migrations {
  return {
    '0001-tables': { up: (db) => createTables(db, types) },
    '0002-series-and-failures': { up: (db) => addSeriesAndFailures(db, types) },
    '0003-payloads-workers-actions': { up: (db) => addPayloadsWorkersActions(db, types) },
    '0004-deployments': { up: (db) => addDeployments(db, types) },
    '0005-action-workers': { up: addActionWorkers },
  };
}

/** Brings the tables up to date. Throws where a migration fails, or where the database is newer than this program. */
export async function migrate(db: Kysely<HistorySchema>, types: ColumnTypes): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrationsFor(types) }) } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}
