import { join } from 'node:path';
import type { LoggerService } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { HistorySettings } from './config/history-settings.js';
import type { Settings } from './config/settings-schema.js';
import type { Clock } from './core/clock.js';
import type { ControlAction, HistoryStore } from './core/history-store.js';
import { TASK_STATES, type TaskState } from './core/task.js';
import type { HistoryDatabase } from './history/database/history-database.js';
import type { HistoryParts } from './history/history.module.js';
import type { HistoryCondition } from './history/history-health.js';
import { HistoryKeeper } from './history/history-keeper.js';
import { HistoryMetrics } from './history/history-metrics.js';
import { HistoryRecorder } from './history/history-recorder.js';
import { KyselyHistoryStore } from './history/kysely-history-store.js';
import { MemorySeries } from './history/memory-series.js';
import { PostgresDatabase } from './history/postgres/postgres-database.js';
import { SeriesRecorder } from './history/series-recorder.js';
import { SqliteDatabase } from './history/sqlite/sqlite-database.js';
import { MetricFamilies } from './metrics/metric-families.js';
import { MetricLedger } from './metrics/metric-ledger.js';
import type { QueueInspector } from './queue-inspector/queue-inspector.js';

const DAY_MS = 86_400_000;
const MEBIBYTE = 1024 * 1024;
/** With the time after which a silent writer's session is ended, within fifteen seconds. */
const TURN_EVERY_MS = 2_000;
/** Enough to know again whatever a broker may tell twice after a restart. */
const CONTINUED_TASKS = 20_000;

type Log = Required<Pick<LoggerService, 'log' | 'warn'>>;

export interface RunningHistory {
  /** What features read; there also where nothing is stored. */
  readonly parts: HistoryParts;
  /** Another instance writes the history: this one only watches until `turn` resolves. */
  readonly standsBy: boolean;
  /** Resolves when the other instance has gone and this one may `begin`; never after `end`. */
  turn(): Promise<void>;
  /** Says in the metrics that another instance writes. */
  standBy(app: NestExpressApplication): void;
  /** Somebody has done something. */
  acted(action: ControlAction): void;
  /** Once everything that counts is in place, and before anything is watched. */
  begin(app: NestExpressApplication): Promise<void>;
  /** Stores what is left. Once nothing more is told. */
  end(): Promise<void>;
  close(): Promise<void>;
}

/** The history that the settings ask for; memory alone where another process writes to the file they name. */
export async function historyOf(
  settings: Settings,
  inspector: QueueInspector,
  clock: Clock,
  log: Log,
  superseded: () => void,
): Promise<RunningHistory> {
  const inMemory = (condition: HistoryCondition): RunningHistory => memoryHistory(inspector, clock, condition);
  if (!settings.history.enabled) return inMemory({ state: 'off', problem: null });
  const database = databaseOf(settings, log);
  const ours = await claimed(database);
  if (!ours && settings.history.url === undefined) {
    await database.close();
    const problem = `another service keeps its history in ${settings.data}`;
    log.warn(`history: off, because ${problem}. To run both, give this one a folder of its own with --data`);
    return inMemory({ state: 'degraded', problem });
  }
  if (!ours) log.log('history: another instance writes it; this one shows, and takes over when that one ends');
  const store = new KyselyHistoryStore(database, clock);
  return storedHistory({ store, database, settings, inspector, clock, log, standsBy: !ours, superseded });
}

/** Charts of the last hour, and nothing else. */
function memoryHistory(inspector: QueueInspector, clock: Clock, condition: HistoryCondition): RunningHistory {
  const recorder = new SeriesRecorder(inspector, clock);
  const series = new MemorySeries(recorder);
  return {
    parts: { store: null, settled: () => true, series, condition: () => condition },
    standsBy: false,
    turn: async () => undefined,
    standBy: () => undefined,
    acted: () => undefined,
    begin: async () => {
      inspector.listen(recorder);
      series.start();
    },
    end: async () => series.stop(),
    close: async () => undefined,
  };
}

interface StoredParts {
  readonly store: HistoryStore;
  readonly database: HistoryDatabase;
  readonly settings: Settings;
  readonly inspector: QueueInspector;
  readonly clock: Clock;
  readonly log: Log;
  readonly standsBy: boolean;
  readonly superseded: () => void;
}

function storedHistory(parts: StoredParts): RunningHistory {
  const { store, database, settings, inspector, clock, log, standsBy, superseded } = parts;
  const ending = new AbortController();
  let recorder: HistoryRecorder | null = null;
  let keeper: HistoryKeeper | null = null;
  let told: HistoryMetrics | null = null;
  const metricsOf = (app: NestExpressApplication): HistoryMetrics => {
    told ??= new HistoryMetrics(app.get(MetricFamilies, { strict: false }));
    return told;
  };
  const condition = (): HistoryCondition => {
    if (recorder === null && standsBy) return { state: 'standby', problem: null };
    const problem = recorder?.state().problem ?? null;
    return { state: problem === null ? 'up' : 'degraded', problem };
  };
  return {
    parts: { store, settled: () => (recorder?.state().pending ?? 0) === 0, series: store, condition },
    standsBy,
    turn: () => turnOf(database, ending.signal),
    standBy: (app) => metricsOf(app).writes(false),
    acted: (action) => recorder?.acted(action),
    begin: async (app) => {
      const metrics = metricsOf(app);
      metrics.writes(true);
      const ledger = app.get(MetricLedger, { strict: false });
      recorder = new HistoryRecorder({
        store,
        inspector,
        ledger,
        series: new SeriesRecorder(inspector, clock),
        clock,
        continueTasks: Math.min(CONTINUED_TASKS, settings.maxTasks),
        log,
        changed: (state) => metrics.recorded(state),
        lost: superseded,
      });
      inspector.rememberPayloads(settings.history.payloadsPerSecond);
      await recorder.start();
      const { keepDays, keepFailureDays, keepDaysByState, maxTasks, maxMegabytes } = settings.history;
      keeper = new HistoryKeeper({
        store,
        clock,
        keepMs: keepDays * DAY_MS,
        keepFailuresMs: keepFailureDays * DAY_MS,
        keepStatesMs: keptByState(keepDaysByState),
        maxTasks,
        maxBytes: maxMegabytes * MEBIBYTE,
        sized: (size) => metrics.sized(size),
        warn: (message) => log.warn(message),
      });
      keeper.start();
    },
    end: async () => {
      ending.abort();
      await keeper?.stop();
      await recorder?.stop();
    },
    close: () => store.close(),
  };
}

function keptByState(days: HistorySettings['keepDaysByState']): ReadonlyMap<TaskState, number> {
  return new Map(
    TASK_STATES.flatMap((state) => {
      const kept = state === 'FAILURE' ? undefined : days[state];
      return kept === undefined ? [] : [[state, kept * DAY_MS]];
    }),
  );
}

/** Asks every few seconds; a database that is away is nobody's. */
async function turnOf(database: HistoryDatabase, signal: AbortSignal): Promise<void> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, TURN_EVERY_MS).unref());
    if (signal.aborted) return new Promise(() => undefined);
    try {
      if (await database.claim()) return;
    } catch {
      // It is asked again.
    }
  }
}

/** Where it cannot be found out now, writing will tell, and tries again. */
async function claimed(database: HistoryDatabase): Promise<boolean> {
  try {
    return await database.claim();
  } catch {
    return true;
  }
}

function databaseOf({ history, data }: Settings, log: Log): HistoryDatabase {
  const warn = (message: string): void => log.warn(message);
  return history.url === undefined
    ? new SqliteDatabase({ file: join(data, 'history.sqlite'), warn })
    : new PostgresDatabase(history.url, warn);
}
