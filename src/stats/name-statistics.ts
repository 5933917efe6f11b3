import type { SeriesRow } from '../core/series.js';
import { SeriesSum } from '../core/series-sum.js';
import type { TimeseriesSpan } from './timeseries.js';

/** What became of the tasks of one name within a span of time, and how that went in its course. */
export interface NameStatistic {
  readonly name: string;
  readonly whole: SeriesSum;
  /** Parts of equal length, the earliest first. */
  readonly parts: readonly SeriesSum[];
}

export const NAME_SORTS = ['-finished', '-failed', '-failure_ratio', '-run_p95', '-wait_p95', 'name'] as const;
export type NameSort = (typeof NAME_SORTS)[number];

const KEY_OF: Readonly<Record<Exclude<NameSort, 'name'>, (sum: SeriesSum) => number>> = {
  '-finished': ({ finished }) => finished,
  '-failed': ({ failure }) => failure,
  '-failure_ratio': ({ failure, finished }) => (finished === 0 ? -1 : failure / finished),
  '-run_p95': ({ run }) => run.quantile(0.95) ?? -1,
  '-wait_p95': ({ wait }) => wait.quantile(0.95) ?? -1,
};

/** Rows of the kind `name` by their name; those of a beginning where it ends in `*`. */
export function nameStatistics(
  rows: readonly SeriesRow[],
  span: TimeseriesSpan,
  select: { readonly name: string | null; readonly sort: NameSort; readonly parts: number },
): readonly NameStatistic[] {
  const found = new Map<string, NameStatistic>();
  for (const { key: name, at, figures } of rows) {
    if (at < span.from || at >= span.to || !isWanted(name, select.name)) continue;
    let statistic = found.get(name);
    if (statistic === undefined) {
      statistic = { name, whole: new SeriesSum(), parts: Array.from({ length: select.parts }, () => new SeriesSum()) };
      found.set(name, statistic);
    }
    statistic.whole.add(figures);
    statistic.parts[Math.floor(((at - span.from) / (span.to - span.from)) * select.parts)]?.add(figures);
  }
  return sorted([...found.values()], select.sort);
}

function sorted(all: NameStatistic[], sort: NameSort): readonly NameStatistic[] {
  const byName = (a: NameStatistic, b: NameStatistic): number => (a.name < b.name ? -1 : 1);
  if (sort === 'name') return all.sort(byName);
  const keys = new Map(all.map((one) => [one, KEY_OF[sort](one.whole)]));
  return all.sort((a, b) => (keys.get(b) ?? 0) - (keys.get(a) ?? 0) || byName(a, b));
}

function isWanted(name: string, wanted: string | null): boolean {
  if (wanted === null) return true;
  return wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted;
}
