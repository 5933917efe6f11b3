import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { answered, client } from '../api/client.js';
import { sourceParameter } from '../api/queries.js';
import type { components } from '../api/schema.js';
import { useScope } from '../scope/scope.js';
import type { ChartData, ChartLine, Marker } from './chart-data.js';

export type Timeseries = components['schemas']['TimeseriesDto'];

/** A step of the shortest kind is ten seconds: asking more often shows nothing new. */
const EVERY_MS = 10_000;

/** Metrics over the chosen time range. `narrowed` asks for one name or queue only. */
export function useTimeseries(
  metrics: readonly string[],
  narrowed: { readonly name?: string; readonly queue?: string; readonly source?: string } = {},
) {
  const { source, range, live } = useScope();
  return useQuery({
    queryKey: ['timeseries', metrics, narrowed, source, range],
    queryFn: ({ signal }) =>
      answered(
        client.GET('/api/v1/celery/stats/timeseries', {
          params: { query: { ...sourceParameter(source), ...narrowed, metric: metrics.join(','), from: range } },
          signal,
        }),
      ),
    refetchInterval: live ? EVERY_MS : false,
    placeholderData: keepPreviousData,
  });
}

/** The values of one metric; none where it is not in the answer. */
export function valuesOf(answer: Timeseries | undefined, metric: string): readonly (number | null)[] {
  return answer?.series.find((line) => line.metric === metric)?.values ?? [];
}

/** The lines of an answer in an order and with the names and colours of a chart; what is not in the answer is left out. */
export function chartOf(
  answer: Timeseries,
  looks: readonly (Pick<ChartLine, 'label' | 'tone'> & { readonly metric: string })[],
  markers: readonly Marker[] = [],
): ChartData {
  const from = Date.parse(answer.from) / 1_000;
  const length = answer.series[0]?.values.length ?? 0;
  return {
    times: Array.from({ length }, (_, at) => from + at * answer.step_seconds),
    lines: looks.flatMap(({ metric, label, tone }) => {
      const line = answer.series.find((known) => known.metric === metric);
      return line === undefined ? [] : [{ label, tone, values: line.values }];
    }),
    gaps: answer.gaps,
    markers,
  };
}
