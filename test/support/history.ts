import type { StoredTask } from '../../src/core/history-store.js';
import { NO_PAYLOAD } from '../../src/core/task.js';
import { aTask } from './builders.js';

/** The program of SQLite's thread, from its source. */
export const SQLITE_THREAD_SOURCE = new URL('sqlite-thread-main.mjs', import.meta.url);

/** A waiting task as it is stored, but for what is said. */
export function aStoredTask(said: Partial<StoredTask> = {}): StoredTask {
  return { ...aTask(said), ...NO_PAYLOAD, result: undefined, attemptHistory: [], facts: [], ...said };
}
