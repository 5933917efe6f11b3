import type { HistorySize } from '../core/history-store.js';
import type { CounterFamily } from '../metrics/counter-family.js';
import type { GaugeFamily } from '../metrics/gauge-family.js';
import type { MetricFamilies } from '../metrics/metric-families.js';
import { HISTORY_METRICS } from '../metrics/service-metric-definitions.js';
import type { RecorderState } from './recorder-state.js';

/** The history about itself. */
export class HistoryMetrics {
  readonly #up: GaugeFamily;
  readonly #writer: GaugeFamily;
  readonly #pending: GaugeFamily;
  readonly #batchDuration: GaugeFamily;
  readonly #tasks: GaugeFamily;
  readonly #bytes: GaugeFamily;
  readonly #stored: CounterFamily;
  readonly #shed: CounterFamily;
  readonly #failures: CounterFamily;
  #told = { stored: 0, shed: 0, failures: 0 };

  constructor(families: MetricFamilies) {
    this.#up = families.gauge(HISTORY_METRICS.up);
    this.#writer = families.gauge(HISTORY_METRICS.writer);
    this.#pending = families.gauge(HISTORY_METRICS.pending);
    this.#batchDuration = families.gauge(HISTORY_METRICS.batchDuration);
    this.#tasks = families.gauge(HISTORY_METRICS.tasks);
    this.#bytes = families.gauge(HISTORY_METRICS.bytes);
    this.#stored = families.counter(HISTORY_METRICS.stored);
    this.#shed = families.counter(HISTORY_METRICS.shed);
    this.#failures = families.counter(HISTORY_METRICS.failures);
  }

  /** Whether this instance is the one that writes. */
  writes(ours: boolean): void {
    this.#writer.show((set) => set(ours ? 1 : 0));
  }

  recorded(state: RecorderState): void {
    const { stored, shed, failures } = state;
    this.#up.show((set) => set(state.problem === null ? 1 : 0));
    this.#pending.show((set) => set(state.pending));
    this.#batchDuration.show((set) => set(state.lastBatchMs === null ? null : state.lastBatchMs / 1000));
    // Added, because these continue where an earlier run ended.
    this.#stored.series().value += stored - this.#told.stored;
    this.#shed.series().value += shed - this.#told.shed;
    this.#failures.series().value += failures - this.#told.failures;
    this.#told = { stored, shed, failures };
  }

  sized({ tasks, bytes }: HistorySize): void {
    this.#tasks.show((set) => set(tasks));
    this.#bytes.show((set) => set(bytes));
  }
}
