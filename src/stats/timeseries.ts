import type { SeriesRow } from '../core/series.js';
import { SeriesSum } from '../core/series-sum.js';
import type { TimeseriesMetric } from './timeseries-metrics.js';

/** Epoch seconds. `to` is a whole number of steps after `from`. */
export interface TimeseriesSpan {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

/** One value for each step; null where nobody looked, or nothing can be told. */
export type TimeseriesValues = readonly (number | null)[];

/** How many seconds of each step were watched, by the source that was watched longest. */
export function watchedSeconds(sourceRows: readonly SeriesRow[], span: TimeseriesSpan): readonly number[] {
  const bySource = new Map<string, number[]>();
  for (const { source, at, step } of sourceRows) {
    const seconds = bySource.get(source) ?? emptySteps(span, 0);
    bySource.set(source, seconds);
    const index = indexOf(at, span);
    if (index !== null) seconds[index] = Math.min(span.step, (seconds[index] ?? 0) + step);
  }
  return emptySteps(span, 0).map((_, at) =>
    Math.max(0, ...Array.from(bySource.values(), (seconds) => seconds[at] ?? 0)),
  );
}

/** Of tasks: everything in a step is added up, whatever its name and source. */
export function taskValues(
  metric: TimeseriesMetric,
  rows: readonly SeriesRow[],
  watched: readonly number[],
  span: TimeseriesSpan,
): TimeseriesValues {
  const sums = emptySteps<SeriesSum | null>(span, null);
  for (const row of rows) addTo(sums, row, span);
  return sums.map((sum, at) => {
    const seconds = watched[at] ?? 0;
    if (seconds === 0 && sum === null) return null;
    return rounded(metric.value(sum ?? new SeriesSum(), seconds === 0 ? span.step : seconds));
  });
}

/** Of levels: each queue's, or source's, mean; then all of them together. Ages are not added: the greatest counts. */
export function levelValues(
  metric: TimeseriesMetric,
  rows: readonly SeriesRow[],
  span: TimeseriesSpan,
): TimeseriesValues {
  const byOwner = new Map<string, (SeriesSum | null)[]>();
  for (const row of rows) {
    const owner = `${row.source}\u0000${row.key}`;
    const sums = byOwner.get(owner) ?? emptySteps<SeriesSum | null>(span, null);
    byOwner.set(owner, sums);
    addTo(sums, row, span);
  }
  return emptySteps(span, null).map((_, at) => {
    const values = Array.from(byOwner.values(), (sums) => sums[at] ?? null)
      .map((sum) => (sum === null ? null : metric.value(sum, span.step)))
      .filter((value) => value !== null);
    if (values.length === 0) return null;
    return rounded(metric.unit === 'seconds' ? Math.max(...values) : values.reduce((sum, value) => sum + value, 0));
  });
}

function addTo(sums: (SeriesSum | null)[], row: SeriesRow, span: TimeseriesSpan): void {
  const index = indexOf(row.at, span);
  if (index === null) return;
  const sum = sums[index] ?? new SeriesSum();
  sums[index] = sum;
  sum.add(row.figures);
}

function indexOf(at: number, { from, to, step }: TimeseriesSpan): number | null {
  return at < from || at >= to ? null : Math.floor((at - from) / step);
}

function emptySteps<T>({ from, to, step }: TimeseriesSpan, value: T): T[] {
  return Array.from({ length: Math.round((to - from) / step) }, () => value);
}

/** What lies below a millionth is noise of the division. */
function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1e6) / 1e6;
}
