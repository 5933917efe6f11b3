import { type Kysely, sql } from 'kysely';
import type { ColumnTypes } from './history-database.js';

/** What people say they have deployed. */
export async function addDeployments(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const serial = sql.raw(types.serial);
  await sql`CREATE TABLE deployment (
    seq ${serial}, id text NOT NULL, at bigint NOT NULL, name text NOT NULL, version text, link text, who text
  )`.execute(db);
  await sql`CREATE INDEX deployment_at ON deployment (at)`.execute(db);
}
