import { parentPort, workerData } from 'node:worker_threads';
import { DatabaseSync, type StatementSyncInstance } from '@photostructure/sqlite';
import type { SqliteAnswer, SqliteFailure, SqliteOpening, SqliteRequest, SqliteRows } from './sqlite-message.js';

/*
 * The program of a database's thread: SQLite's calls block, and here they block nobody. One statement at a time, in the order asked. A file
 * that cannot be opened is told with the first answer, so that there is one way for errors to come.
 */

/** The statements of this program are few; a search makes a new one for each shape of filter. */
const MAX_PREPARED = 200;

const prepared = new Map<string, StatementSyncInstance>();
let lock: InstanceType<typeof DatabaseSync> | null = null;
let database: InstanceType<typeof DatabaseSync> | null = null;

parentPort?.on('message', (request: SqliteRequest | 'close') => {
  if (request === 'close') {
    close();
    return;
  }
  let answer: SqliteAnswer;
  try {
    answer = { id: request.id, done: execute(request) };
  } catch (error) {
    answer = { id: request.id, failed: failureOf(error) };
  }
  parentPort?.postMessage(answer);
});

function execute({ sql, parameters }: SqliteRequest): SqliteRows {
  const statement = prepare(sql);
  if (statement.columns().length > 0) return { rows: statement.all(...parameters), changes: 0 };
  return { rows: [], changes: Number(statement.run(...parameters).changes) };
}

function prepare(sql: string): StatementSyncInstance {
  const known = prepared.get(sql);
  if (known !== undefined) return known;
  const [oldest] = prepared.keys();
  if (prepared.size >= MAX_PREPARED && oldest !== undefined) prepared.delete(oldest);
  const made = opened().prepare(sql);
  prepared.set(sql, made);
  return made;
}

function opened(): InstanceType<typeof DatabaseSync> {
  if (database !== null) return database;
  const { file, readOnly, pragmas, lock: wanted }: SqliteOpening = workerData;
  if (wanted !== null) lock ??= locked(wanted);
  const made = new DatabaseSync(file, { readOnly });
  for (const pragma of pragmas) made.exec(`PRAGMA ${pragma}`);
  database = made;
  return made;
}

/** Held by the system for as long as the process lives, however it ends. Waits a while for a process that is about to end. */
function locked({ file, withinMs }: NonNullable<SqliteOpening['lock']>): InstanceType<typeof DatabaseSync> {
  const made = new DatabaseSync(file);
  try {
    made.exec(`PRAGMA busy_timeout = ${withinMs}`);
    made.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    made.close();
    throw error;
  }
  return made;
}

/** So that nothing stays open, and the thread ends by itself. */
function close(): void {
  prepared.clear();
  database?.close();
  lock?.close();
  parentPort?.close();
}

function failureOf(error: unknown): SqliteFailure {
  const message =
    typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
  const code =
    typeof error === 'object' && error !== null && 'sqliteCode' in error && typeof error.sqliteCode === 'number'
      ? error.sqliteCode
      : 0;
  return { message, code: code & 0xff };
}
