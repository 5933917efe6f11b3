import { InvalidRequest } from '../core/errors.js';
import { foundText } from '../core/found-text.js';
import { SERIES_KEPT, SERIES_STEPS } from '../core/series.js';
import { parseMoment } from '../core/task-filter-time.js';
import type { TimeseriesSpan } from './timeseries.js';
import { TIMESERIES_METRICS, type TimeseriesMetric } from './timeseries-metrics.js';

/** Spans of one value, in seconds; each a multiple of the stored rows that it is made of. */
const STEPS = [10, 30, 60, 300, 900, 3_600, 10_800, 21_600, 86_400, 604_800] as const;
/** As many as a chart has room for. */
const WANTED_POINTS = 360;
export const MAX_POINTS = 2_000;
export const MAX_METRICS = 10;
const HOUR_MS = 3_600_000;

/** Names of metrics, separated by commas. */
export function metricsOf(text: string): readonly (readonly [string, TimeseriesMetric])[] {
  const names = [...new Set(text.split(',').map((name) => name.trim()))];
  if (names.length > MAX_METRICS) throw invalid('metric', `at most ${MAX_METRICS} names`, String(names.length));
  return names.map((name) => {
    const metric = Object.hasOwn(TIMESERIES_METRICS, name) ? TIMESERIES_METRICS[name] : undefined;
    if (metric === undefined) {
      throw invalid('metric', `one or more of ${Object.keys(TIMESERIES_METRICS).join(', ')}`, foundText(name));
    }
    return [name, metric] as const;
  });
}

/** The span asked for, widened to whole steps. The step is what was asked for, or what that time is still stored in, whichever is longer. */
export function spanOf(
  asked: { readonly from?: string | undefined; readonly to?: string | undefined; readonly step?: number | undefined },
  now: number,
): TimeseriesSpan {
  const to = (asked.to === undefined ? now : momentOf('to', asked.to, now)) / 1000;
  const from = (asked.from === undefined ? to * 1000 - HOUR_MS : momentOf('from', asked.from, now)) / 1000;
  if (from >= to) throw invalid('from', 'a time before `to`', foundText(asked.from));
  const stored =
    SERIES_STEPS.find((rows) => from >= now / 1000 - SERIES_KEPT[rows]) ?? SERIES_STEPS[SERIES_STEPS.length - 1] ?? 10;
  const wanted = asked.step ?? (to - from) / WANTED_POINTS;
  const step = STEPS.find((each) => each >= wanted && each >= stored) ?? STEPS[STEPS.length - 1] ?? 10;
  const span = { from: Math.floor(from / step) * step, to: Math.ceil(to / step) * step, step };
  const points = (span.to - span.from) / step;
  if (points > MAX_POINTS)
    throw invalid('step', `a step that gives at most ${MAX_POINTS} values`, `${step} s, which gives ${points}`);
  return span;
}

function momentOf(field: string, text: string, now: number): number {
  const at = parseMoment(text, now);
  if (at !== null) return at;
  throw invalid(field, 'an ISO 8601 time, epoch seconds, or how long ago, such as 15m', foundText(text));
}

export function invalid(field: string, expected: string, found: string): InvalidRequest {
  return new InvalidRequest(`${field}: expected ${expected}, found ${found}`, { errors: [{ field, expected, found }] });
}
