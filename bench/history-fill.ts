import { SystemClock } from '../src/core/clock.js';
import type { StoredTask } from '../src/core/history-store.js';
import { NO_PAYLOAD } from '../src/core/task.js';
import { KyselyHistoryStore } from '../src/history/kysely-history-store.js';
import { SqliteDatabase } from '../src/history/sqlite/sqlite-database.js';

const BATCH = 2_000;
const DAYS = 20;
const DAY_MS = 86_400_000;
const NAMES = 200;

export interface Filled {
  readonly bytes: number;
  readonly tasksPerCpuSecond: number;
}

/** A history of plain tasks of Celery's over some weeks, written by the store itself. The CPU of all threads counts. */
export async function fillHistory(file: string, tasks: number, now: number): Promise<Filled> {
  const store = new KyselyHistoryStore(
    new SqliteDatabase({ file, warn: (message) => console.error(message) }),
    new SystemClock(),
  );
  await store.open();
  const random = numbersFrom(7);
  let cpu = 0;
  for (let from = 0; from < tasks; from += BATCH) {
    const some = Array.from({ length: Math.min(BATCH, tasks - from) }, (_, at) =>
      plainTask(from + at, momentOf(from + at, tasks, now), random),
    );
    const before = process.cpuUsage();
    await store.append({
      at: now,
      tasks: some,
      gaps: [],
      ledger: [],
      positions: [],
      series: [],
      lives: [],
      actions: [],
    });
    const { user, system } = process.cpuUsage(before);
    cpu += (user + system) / 1e6;
  }
  // Closing brings what the log still holds into the file.
  await store.close();
  const database = new SqliteDatabase({ file, warn: (message) => console.error(message) });
  const bytes = await database.bytes();
  return { bytes, tasksPerCpuSecond: tasks / cpu };
}

/** When the n-th of so many tasks was sent: evenly over the days before, the last of them an hour ago. */
export function momentOf(task: number, tasks: number, now: number): number {
  return now - 3_600_000 - DAYS * DAY_MS + (task / tasks) * DAYS * DAY_MS;
}

/** What Celery's events tell of a task with ordinary arguments and a small result; two in a hundred fail. */
function plainTask(number: number, sentAt: number, random: () => number): StoredTask {
  const failed = random() < 0.02;
  const startedAt = sentAt + 5 + random() * 200;
  const runtimeMs = 20 + 10 ** (random() * 4);
  const error = failed
    ? {
        type: number % 3 === 0 ? 'TimeoutError' : 'ValueError',
        message: `could not read row ${number} of dataset-${number % 17}`,
      }
    : null;
  const finishedAt = startedAt + runtimeMs;
  const worker = `celery@worker-${number % 8}`;
  const outcome = failed ? 'failure' : 'success';
  return {
    source: 'bench',
    engine: 'celery',
    id: idOf(number, random),
    name: `app.tasks.model_${Math.floor(random() ** 2 * NAMES)}`,
    queue: `queue-${number % 4}`,
    state: failed ? 'FAILURE' : 'SUCCESS',
    worker,
    sentAt,
    eta: null,
    startedAt,
    finishedAt,
    runtimeMs,
    attempts: 1,
    error,
    result: failed ? undefined : `{'rows': ${number}, 'ok': True}`,
    attemptHistory: [{ number: 1, worker, startedAt, endedAt: finishedAt, outcome, error }],
    // Received, started, ended, each by the timestamp of its event.
    ...NO_PAYLOAD,
    args: [`dataset-${number % 17}`, number],
    facts: [2, inSeconds(sentAt + 2), 3, inSeconds(startedAt), failed ? 6 : 5, inSeconds(finishedAt)],
  };
}

/** To the microsecond, as Celery tells it. */
function inSeconds(ms: number): number {
  return Math.round(ms * 1_000) / 1e6;
}

function idOf(number: number, random: () => number): string {
  const part = (): string =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  const [a, b] = [part(), part()];
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-8144-${number.toString(16).padStart(12, '0')}`;
}

/** The same numbers for the same seed. */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
