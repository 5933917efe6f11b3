import type { ClientBase } from 'pg';
import { HistoryTaken } from '../database/history-database.js';

/** First half of the lock's key; the second is the schema's, so that each history of a database has its own. */
const LOCK = 7_201_011;
/** A writer that is frozen, or whose machine has gone, says nothing for this long, and the server ends its session and with it its lock. */
const SILENT_MS = 9_000;
/** The writer says something at least this often. */
export const HEARTBEAT_MS = 3_000;

/**
 * To be called with every new connection of the writer: the lock belongs to the session, so whoever can write has it. Rejects with HistoryTaken
 * where another session has it.
 */
export async function takeLease(client: ClientBase): Promise<void> {
  await client.query(`SET idle_in_transaction_session_timeout = ${SILENT_MS}`);
  // PostgreSQL 14 and newer.
  await client.query(
    `SELECT set_config(name, '${SILENT_MS}', false) FROM pg_settings WHERE name = 'idle_session_timeout'`,
  );
  const { rows } = await client.query<{ taken: boolean }>(
    `SELECT pg_try_advisory_lock(${LOCK}, hashtext(current_schema())) AS taken`,
  );
  if (rows[0]?.taken !== true) throw new HistoryTaken();
}
