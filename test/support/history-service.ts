import { metricsSettingsSchema } from '../../src/config/metrics-settings.js';
import { SystemClock } from '../../src/core/clock.js';
import type { HistoryStore } from '../../src/core/history-store.js';
import type { QueueEngine } from '../../src/core/queue-engine.js';
import { HistoryRecorder } from '../../src/history/history-recorder.js';
import { SeriesRecorder } from '../../src/history/series-recorder.js';
import { EventCounts } from '../../src/metrics/event-counts.js';
import { MetricFamilies } from '../../src/metrics/metric-families.js';
import { MetricLedger } from '../../src/metrics/metric-ledger.js';
import { ResultMetrics } from '../../src/metrics/result-metrics.js';
import { TaskFamilies } from '../../src/metrics/task-families.js';
import { TaskRecorder } from '../../src/metrics/task-recorder.js';
import { QueueInspector } from '../../src/queue-inspector/queue-inspector.js';

export interface HistoryService {
  readonly inspector: QueueInspector;
  readonly recorder: HistoryRecorder;
  readonly log: readonly string[];
  /** One line of the exposition, as a number; null where there is none. */
  metric(line: string): Promise<number | null>;
  stop(): Promise<void>;
}

/** Everything between engines and store, without HTTP. */
export async function startHistoryService(
  store: HistoryStore,
  engines: readonly QueueEngine[],
  options: { readonly maxTasks?: number } = {},
): Promise<HistoryService> {
  const clock = new SystemClock();
  const inspector = new QueueInspector(clock, {
    inspection: { maxAgeMs: 100, deadlineMs: 500, listLimit: 100 },
    live: { maxTasks: options.maxTasks ?? 100_000, maxBytes: 256 * 1024 * 1024 },
    workerGraceMs: 60_000,
    commandDeadlineMs: 500,
    statusChanged: () => undefined,
  });
  const settings = metricsSettingsSchema.parse({});
  const families = new MetricFamilies(settings.maxSeries);
  inspector.listen(
    new TaskRecorder(clock, new TaskFamilies(families, settings), new ResultMetrics(families, settings), settings),
  );
  inspector.listen(new EventCounts(clock, families));
  const log: string[] = [];
  const recorder = new HistoryRecorder({
    store,
    inspector,
    ledger: new MetricLedger(families),
    series: new SeriesRecorder(inspector, clock),
    clock,
    continueTasks: 1_000,
    changed: () => undefined,
    lost: () => undefined,
    log: { log: (message) => log.push(message), warn: (message) => log.push(message) },
  });
  inspector.rememberPayloads(2_000);
  await recorder.start();
  for (const engine of engines) inspector.add(engine);
  return {
    inspector,
    recorder,
    log,
    metric: async (line) => {
      const text = await families.registry.metrics();
      const found = text.split('\n').find((each) => each.startsWith(`${line} `));
      return found === undefined ? null : Number(found.slice(line.length + 1));
    },
    stop: async () => {
      await inspector.stop();
      await recorder.stop();
      await store.close();
    },
  };
}
