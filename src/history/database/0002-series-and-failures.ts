import { type Kysely, sql } from 'kysely';
import type { ColumnTypes } from './history-database.js';

/** Charts, failures by their cause, and completion. */
export async function addSeriesAndFailures(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const clustered = sql.raw(types.clustered);
  await sql`CREATE TABLE series (
    step integer NOT NULL, kind integer NOT NULL, key integer NOT NULL, source integer NOT NULL, at bigint NOT NULL,
    figures text NOT NULL, PRIMARY KEY (step, kind, key, source, at)
  ) ${clustered}`.execute(db);
  await sql`CREATE INDEX series_at ON series (step, at)`.execute(db);
  await sql`CREATE TABLE term (field integer NOT NULL, word integer NOT NULL, PRIMARY KEY (field, word)) ${clustered}`.execute(
    db,
  );
  await sql`ALTER TABLE task ADD COLUMN signature integer`.execute(db);
  await sql`CREATE INDEX task_failed ON task (finished_at) WHERE signature IS NOT NULL`.execute(db);
}
