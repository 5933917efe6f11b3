import type { LedgerEntry } from '../core/history-store.js';
import { CounterFamily, type CounterSeries } from './counter-family.js';
import { HistogramFamily, type HistogramSeries } from './histogram-family.js';
import { SNAPSHOT_METRICS } from './metric-definitions.js';
import type { MetricFamilies } from './metric-families.js';
import type { Series } from './series-table.js';
import { SERVICE_METRICS } from './service-metric-definitions.js';

/** Totals of this process or of somebody else: set anew at each look, and rightly at 0 after a restart. */
const NOT_OURS: ReadonlySet<string> = new Set(
  [
    SNAPSHOT_METRICS.diskIo,
    SERVICE_METRICS.reconnects,
    SERVICE_METRICS.commands,
    SERVICE_METRICS.bytesRead,
    SERVICE_METRICS.forgotten,
    SERVICE_METRICS.labelOverflow,
  ].map(({ name }) => name),
);

/**
 * Counters and histograms as numbers to be stored, and from there to be continued. A histogram is its buckets, then its sum; buckets that were
 * configured otherwise since begin anew.
 */
export class MetricLedger {
  readonly #families: MetricFamilies;
  /** By key: what was stored last. A histogram's number of observations stands for it. */
  readonly #stored = new Map<string, number>();
  /** Made once for each series: joining labels costs more than all else here. */
  readonly #keys = new WeakMap<Series, string>();

  constructor(families: MetricFamilies) {
    this.#families = families;
  }

  /** Every series that has moved since it was stored. O(series). */
  changed(): readonly LedgerEntry[] {
    const changed: LedgerEntry[] = [];
    for (const [key, series] of this.#all()) {
      if (this.#stored.get(key) === measureOf(series)) continue;
      changed.push({ key, numbers: numbersOf(series) });
    }
    return changed;
  }

  /** These are stored now. */
  stored(entries: readonly LedgerEntry[]): void {
    for (const { key, numbers } of entries) this.#stored.set(key, measureOfNumbers(numbers));
  }

  /** Adds what an earlier run had counted. Adds, because counting may have begun before it could be read. */
  continue(entries: readonly LedgerEntry[]): void {
    const families = new Map(this.#families.all().map((family) => [family.name, family]));
    for (const { key, numbers } of entries) {
      const [name, ...labels] = partsOf(key);
      const family = families.get(name ?? '');
      if (family instanceof CounterFamily) family.series(...labels).value += numbers[0] ?? 0;
      else if (family instanceof HistogramFamily) addTo(family.series(...labels), numbers);
    }
  }

  *#all(): Generator<readonly [string, CounterSeries | HistogramSeries]> {
    for (const family of this.#families.all()) {
      if (!(family instanceof CounterFamily || family instanceof HistogramFamily) || NOT_OURS.has(family.name))
        continue;
      for (const series of family.all()) yield [this.#keyOf(family.name, series), series];
    }
  }

  #keyOf(name: string, series: Series): string {
    const known = this.#keys.get(series);
    if (known !== undefined) return known;
    const made = JSON.stringify([name, ...Object.values(series.identity.labels)]);
    this.#keys.set(series, made);
    return made;
  }
}

function partsOf(key: string): readonly string[] {
  const parts: unknown = JSON.parse(key);
  return Array.isArray(parts) ? parts.map(String) : [];
}

function measureOf(series: CounterSeries | HistogramSeries): number {
  return 'count' in series ? series.count : series.value;
}

function measureOfNumbers(numbers: readonly number[]): number {
  // The sum, which comes last, is no count.
  return numbers.length === 1 ? (numbers[0] ?? 0) : numbers.slice(0, -1).reduce((sum, count) => sum + count, 0);
}

function numbersOf(series: CounterSeries | HistogramSeries): readonly number[] {
  return 'count' in series ? [...series.counts, series.sum] : [series.value];
}

function addTo(series: HistogramSeries, numbers: readonly number[]): void {
  if (numbers.length !== series.counts.length + 1) return;
  series.counts.forEach((count, at) => {
    series.counts[at] = count + (numbers[at] ?? 0);
  });
  series.sum += numbers[numbers.length - 1] ?? 0;
  series.count += measureOfNumbers(numbers);
}
