import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { answered, client } from '../../api/client.js';
import type { TaskPage } from '../../api/model.js';
import { sourceParameter } from '../../api/queries.js';
import { useScope } from '../../scope/scope.js';
import { type Bar, barOf } from './bars.js';

/** More than these are not drawn: the latest are. */
export const MOST_BARS = 10_000;
const PAGE = 500;
/** Whatever ran lately is asked for again so often, while the page is live. */
const EVERY_MS = 3_000;
/** Of each look the latest so many are new or may have changed. */
const LATEST_PAGES = 2;

export interface Bars {
  readonly bars: readonly Bar[];
  /** How many there are in the range, also of those beyond what is drawn. */
  readonly total: number;
  readonly exact: boolean;
  /** When they were asked for, epoch milliseconds. */
  readonly at: number;
}

/** Whatever has run at some moment of the range: all of it once, then what is latest again and again. */
export function useBars() {
  const { source, rangeSeconds, live } = useScope();
  const whole = useQuery({
    queryKey: ['timeline', source, rangeSeconds],
    queryFn: ({ signal }) => load(source, rangeSeconds, MOST_BARS / PAGE, signal),
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  });
  const latest = useQuery({
    queryKey: ['timeline', 'latest', source, rangeSeconds],
    enabled: whole.data !== undefined,
    queryFn: ({ signal }) => load(source, rangeSeconds, LATEST_PAGES, signal),
    refetchInterval: live ? EVERY_MS : false,
    placeholderData: keepPreviousData,
  });
  return { whole, latest };
}

async function load(source: string | null, seconds: number, pages: number, signal: AbortSignal): Promise<Bars> {
  const at = Date.now();
  const since = new Date(at - seconds * 1_000).toISOString();
  const q = `finished:>="${since}" or state:STARTED or (state:RETRY and started:>="${since}")`;
  const bars: Bar[] = [];
  let cursor: string | null = null;
  let [total, exact] = [0, true];
  for (let page = 0; page < pages; page += 1) {
    const query = { ...sourceParameter(source), q, sort: '-started' as const, limit: PAGE };
    const answer: TaskPage = await answered(
      client.GET('/api/v1/celery/tasks', {
        params: { query: cursor === null ? query : { ...query, cursor } },
        signal,
      }),
    );
    for (const task of answer.items) {
      const bar = barOf(task);
      if (bar !== null) bars.push(bar);
    }
    if (page === 0) [total, exact] = [answer.total, answer.total_exact];
    cursor = answer.next_cursor;
    if (cursor === null) break;
  }
  return { bars, total, exact, at };
}

/** The later knowledge of each task, without what has left the range. */
export function merged(whole: Bars, latest: Bars | undefined, from: number): readonly Bar[] {
  const known = new Map<string, Bar>();
  for (const bar of whole.bars) known.set(`${bar.source} ${bar.id}`, bar);
  for (const bar of latest?.bars ?? []) known.set(`${bar.source} ${bar.id}`, bar);
  return [...known.values()].filter(({ to }) => to === null || to >= from);
}
