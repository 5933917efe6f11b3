import type { HistoryBatch, HistoryState, HistoryStore, StoredTask } from '../../../src/core/history-store.js';
import type { TaskFilter, TaskQuery } from '../../../src/core/task-query.js';
import { NOON } from '../../support/builders.js';
import { aStoredTask } from '../../support/history.js';

export interface StoreUnderTest {
  /** The same database each time, as a service that starts again finds it. */
  open(): Promise<{ readonly store: HistoryStore; readonly state: HistoryState }>;
}

/** Milliseconds. */
export const MINUTE = 60_000;

export function batch(said: Partial<HistoryBatch>): HistoryBatch {
  return { at: NOON, tasks: [], gaps: [], ledger: [], positions: [], series: [], lives: [], actions: [], ...said };
}

export function query(filter: TaskFilter, said: Partial<TaskQuery> = {}): TaskQuery {
  return { filter, order: { field: 'sent', descending: true }, limit: 100, after: null, ...said };
}

/** Tasks that differ in everything people filter by. */
export const MIXED: readonly StoredTask[] = Array.from({ length: 60 }, (_, at): StoredTask => {
  const failed = at % 7 === 0;
  const running = at % 11 === 5;
  const startedAt = NOON + at * MINUTE + 250.125;
  return aStoredTask({
    source: at % 2 === 0 ? 'bull' : 'celery',
    engine: at % 2 === 0 ? 'bull' : 'celery',
    id: at % 2 === 0 ? `mail:${at}` : `0d8c${at}-uuid`,
    name: at % 5 === 0 ? null : `app.tasks.kind_${at % 4}`,
    queue: at % 3 === 0 ? 'mail' : 'slow%_queue',
    worker: at % 6 === 0 ? null : `worker-${at % 3}@host`,
    state: running ? 'STARTED' : failed ? 'FAILURE' : 'SUCCESS',
    // Three at a time have the same moment.
    sentAt: NOON + Math.floor(at / 3) * MINUTE,
    startedAt,
    finishedAt: running ? null : startedAt + at,
    runtimeMs: running ? null : at * 10.5,
    attempts: (at % 3) + 1,
    error: failed ? { type: at % 14 === 0 ? 'ValueError' : 'app.Timeout', message: `Lost 100%_of row ${at}` } : null,
  });
});
