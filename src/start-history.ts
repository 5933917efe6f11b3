import { join } from 'node:path';
import type { LoggerService } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Settings } from './config/settings-schema.js';
import type { Clock } from './core/clock.js';
import type { HistoryStore } from './core/history-store.js';
import type { HistoryParts } from './history/history.module.js';
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
/** Enough to know again whatever a broker may tell twice after a restart, and to fill the first page. */
const CONTINUED_TASKS = 20_000;

type Log = Required<Pick<LoggerService, 'log' | 'warn'>>;

export interface RunningHistory {
  /** What features read; there also where nothing is stored. */
  readonly parts: HistoryParts;
  /** Once everything that counts is in place, and before anything is watched. */
  begin(app: NestExpressApplication): Promise<void>;
  /** Stores what is left. Once nothing more is told. */
  end(): Promise<void>;
  close(): Promise<void>;
}

/** The history that the settings ask for. */
export function historyOf(settings: Settings, inspector: QueueInspector, clock: Clock, log: Log): RunningHistory {
  if (!settings.history.enabled) {
    const recorder = new SeriesRecorder(inspector, clock);
    const series = new MemorySeries(recorder);
    return {
      parts: { store: null, settled: () => true, series },
      begin: async () => {
        inspector.listen(recorder);
        series.start();
      },
      end: async () => series.stop(),
      close: async () => undefined,
    };
  }
  const store = storeOf(settings, clock, log);
  let recorder: HistoryRecorder | null = null;
  let keeper: HistoryKeeper | null = null;
  return {
    parts: { store, settled: () => recorder?.state().pending === 0, series: store },
    begin: async (app) => {
      const metrics = new HistoryMetrics(app.get(MetricFamilies, { strict: false }));
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
      });
      await recorder.start();
      const { keepDays, keepFailureDays, maxTasks, maxMegabytes } = settings.history;
      keeper = new HistoryKeeper({
        store,
        clock,
        keepMs: keepDays * DAY_MS,
        keepFailuresMs: keepFailureDays * DAY_MS,
        maxTasks,
        maxBytes: maxMegabytes * MEBIBYTE,
        sized: (size) => metrics.sized(size),
        warn: (message) => log.warn(message),
      });
      keeper.start();
    },
    end: async () => {
      await keeper?.stop();
      await recorder?.stop();
    },
    close: () => store.close(),
  };
}

function storeOf({ history, data }: Settings, clock: Clock, log: Log): HistoryStore {
  const warn = (message: string): void => log.warn(message);
  const database =
    history.url === undefined
      ? new SqliteDatabase({ file: join(data, 'history.sqlite'), warn })
      : new PostgresDatabase(history.url, warn);
  return new KyselyHistoryStore(database, clock);
}
