import { type Kysely, sql } from 'kysely';
import type { ColumnTypes } from './history-database.js';

const SUCCESS = 3;

/** Every index costs each task some twenty bytes and a write: these are the orders people ask for, and the conditions that select few. */
export async function createTables(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const serial = sql.raw(types.serial);
  const text = sql.raw(types.text);
  const bytes = sql.raw(types.bytes);
  await sql`CREATE TABLE word (id ${serial}, text ${text} NOT NULL UNIQUE)`.execute(db);
  await sql`CREATE TABLE task (
    seq ${serial}, source integer NOT NULL, id ${text} NOT NULL, engine integer NOT NULL, name integer, queue integer,
    worker integer, state integer NOT NULL, moment bigint, sent_at bigint, eta bigint, started_at bigint,
    finished_at bigint, runtime bigint, attempts integer, error_type integer, error_message text, result text,
    result_ref text, attempt_list text, facts text
  )`.execute(db);
  await sql`CREATE UNIQUE INDEX task_id ON task (id, source)`.execute(db);
  await sql`CREATE INDEX task_moment ON task (moment)`.execute(db);
  await sql`CREATE INDEX task_started ON task (started_at)`.execute(db);
  await sql`CREATE INDEX task_finished ON task (finished_at)`.execute(db);
  await sql`CREATE INDEX task_runtime ON task (runtime)`.execute(db);
  await sql`CREATE INDEX task_name ON task (name, moment)`.execute(db);
  await sql`CREATE INDEX task_state ON task (state, moment) WHERE state <> ${sql.lit(SUCCESS)}`.execute(db);
  await sql`CREATE INDEX task_large ON task (result_ref) WHERE result_ref IS NOT NULL`.execute(db);
  await sql`CREATE TABLE large (hash text NOT NULL PRIMARY KEY, body ${bytes} NOT NULL)`.execute(db);
  await sql`CREATE TABLE gap (
    number integer NOT NULL PRIMARY KEY, source integer NOT NULL, from_at bigint NOT NULL, to_at bigint NOT NULL,
    queue integer, reason text NOT NULL, missed bigint, exactness text NOT NULL
  )`.execute(db);
  await sql`CREATE TABLE ledger (key ${text} NOT NULL PRIMARY KEY, numbers text NOT NULL)`.execute(db);
  await sql`CREATE TABLE position (source ${text} NOT NULL PRIMARY KEY, position text NOT NULL)`.execute(db);
  await sql`CREATE TABLE meta (key ${text} NOT NULL PRIMARY KEY, value text NOT NULL)`.execute(db);
}
