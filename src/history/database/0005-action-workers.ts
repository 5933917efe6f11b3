import { type Kysely, sql } from 'kysely';

/** What each worker that was asked has answered, as JSON. Of earlier actions nobody knows. */
export async function addActionWorkers(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE action ADD COLUMN workers text NOT NULL DEFAULT '[]'`.execute(db);
}
