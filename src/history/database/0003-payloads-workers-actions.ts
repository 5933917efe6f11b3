import { type Kysely, sql } from 'kysely';
import type { ColumnTypes } from './history-database.js';

/** Texts of a task; those that end in `_ref` are places in `large`. */
const TEXTS = ['args', 'kwargs', 'args_ref', 'kwargs_ref', 'traceback_ref'] as const;
const FAMILY = ['parent_id', 'root_id'] as const;
/** What few tasks have costs the others nothing. */
const INDEXED = ['args_ref', 'kwargs_ref', 'traceback_ref', ...FAMILY] as const;

/** What tasks were given and left behind, their families, the lives of workers, and what people have done. */
export async function addPayloadsWorkersActions(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const serial = sql.raw(types.serial);
  const text = sql.raw(types.text);
  for (const column of TEXTS) await sql`ALTER TABLE task ADD COLUMN ${sql.ref(column)} text`.execute(db);
  for (const column of FAMILY) await sql`ALTER TABLE task ADD COLUMN ${sql.ref(column)} ${text}`.execute(db);
  for (const column of INDEXED) {
    const [name, on] = [sql.ref(`task_${column}`), sql.ref(column)];
    await sql`CREATE INDEX ${name} ON task (${on}) WHERE ${on} IS NOT NULL`.execute(db);
  }
  await sql`CREATE TABLE worker_life (
    source integer NOT NULL, name integer NOT NULL, since bigint NOT NULL, pid integer, host text, software text,
    started_at bigint, seen_at bigint NOT NULL, ended_at bigint, ended text, PRIMARY KEY (source, name, since)
  )`.execute(db);
  await sql`CREATE INDEX worker_life_seen ON worker_life (seen_at)`.execute(db);
  await sql`CREATE TABLE action (
    seq ${serial}, at bigint NOT NULL, kind text, who text, address text NOT NULL, operation text NOT NULL, path text NOT NULL,
    asked text NOT NULL, outcome text NOT NULL, status integer NOT NULL, message text
  )`.execute(db);
  await sql`CREATE INDEX action_at ON action (at)`.execute(db);
}
