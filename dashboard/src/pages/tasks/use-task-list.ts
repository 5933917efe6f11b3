import {
  type InfiniteData,
  keepPreviousData,
  replaceEqualDeep,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { answered, client } from '../../api/client.js';
import { type LiveTick, useFallbackInterval, useTicks } from '../../api/live.js';
import type { TaskSummary } from '../../api/model.js';
import { sourceParameter } from '../../api/queries.js';
import type { operations } from '../../api/schema.js';
import { useScope } from '../../scope/scope.js';
import { keyOf } from './columns.js';

export type Asked = NonNullable<operations['searchTasks']['parameters']['query']>;
export type Sort = NonNullable<Asked['sort']>;

const PAGE = 100;

interface Page {
  readonly items: readonly TaskSummary[];
  readonly next_cursor: string | null;
  readonly total: number;
}

async function search(asked: Asked, signal: AbortSignal): Promise<Page> {
  return answered(client.GET('/api/v1/celery/tasks', { params: { query: { ...asked, limit: PAGE } }, signal }));
}

/**
 * The tasks that a filter selects, page after page. While the reader stands at the top, new ones come in by themselves; while he reads
 * further down or has selected something (`still`), they wait and only their number is told. What is on the screen changes in place.
 */
export function useTaskList(filter: string, sort: Sort, still: boolean) {
  const { source, live, range, rangeChosen } = useScope();
  const queries = useQueryClient();
  const asked = useMemo<Asked>(
    () => ({
      ...sourceParameter(source),
      ...(filter === '' ? {} : { q: filter }),
      ...(rangeChosen ? { since: range } : {}),
      sort,
    }),
    [source, filter, range, rangeChosen, sort],
  );

  const pages = useInfiniteQuery<Page, Error, InfiniteData<Page>, readonly unknown[], string | null>({
    queryKey: ['task-list', asked],
    queryFn: async ({ signal, pageParam }) => {
      if (pageParam !== null) return search({ ...asked, cursor: pageParam }, signal);
      const first = await search(asked, signal);
      // The same is asked for below from now on, not a second time now.
      queries.setQueryData(['tasks', asked], first);
      return first;
    },
    initialPageParam: null,
    getNextPageParam: (last) => last.next_cursor,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 30_000,
  });
  // Asked again whenever tasks change: see useLiveUpdates.
  const head = useQuery({
    queryKey: ['tasks', asked],
    queryFn: ({ signal }) => search(asked, signal),
    enabled: live && pages.isSuccess && !pages.isPlaceholderData,
    refetchInterval: useFallbackInterval(),
  });

  // What was found last stays to be seen until there is something else, also where the next filter is not understood.
  const [found, setFound] = useState(pages.data);
  if (pages.data !== undefined && pages.data !== found) setFound(pages.data);
  const shown = pages.data ?? found;

  const { accepted, accept } = useAccepted(asked, head.data, still);
  const fresh = useFresh(head.data);
  const rows = useMemo(() => {
    const known = new Map<string, TaskSummary>();
    const add = (task: TaskSummary) => {
      const key = keyOf(task);
      if (!known.has(key)) known.set(key, fresh.get(key) ?? task);
    };
    accepted?.items.forEach(add);
    // Without a common row there is a hole between the two: what is older is asked for anew.
    const older = shown?.pages.flatMap(({ items }) => items) ?? [];
    const joined = accepted === null || accepted.next_cursor === null || older.some((task) => known.has(keyOf(task)));
    if (joined && !(accepted !== null && accepted.next_cursor === null)) older.forEach(add);
    return { list: [...known.values()], joined };
  }, [accepted, shown, fresh]);

  const total = accepted?.total ?? shown?.pages[0]?.total;
  const waiting = still && head.data !== undefined ? newOf(head.data, rows.list) : 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = pages;
  const more = useCallback(() => {
    if (!rows.joined) void refetch();
    else if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [rows.joined, hasNextPage, isFetchingNextPage, fetchNextPage, refetch]);
  const busy = pages.data === undefined || pages.isPlaceholderData;
  return { asked, pages, known: shown !== undefined, busy, rows: rows.list, total, waiting, accept, more };
}

/** The newest first page that the reader has let in. */
function useAccepted(asked: Asked, head: Page | undefined, still: boolean) {
  const [kept, setKept] = useState<{ readonly asked: Asked; readonly page: Page } | null>(null);
  const current = kept?.asked === asked ? kept.page : null;
  if (!still && head !== undefined && head !== current) setKept({ asked, page: head });
  const accept = useCallback(() => {
    if (head !== undefined) setKept({ asked, page: head });
  }, [asked, head]);
  return { accepted: !still && head !== undefined ? head : current, accept };
}

function newOf(head: Page, shown: readonly TaskSummary[]): number {
  const known = new Set(shown.map(keyOf));
  return head.items.filter((task) => !known.has(keyOf(task))).length;
}

/** Bounds what is remembered of tasks that are not shown any more. */
const MAX_FRESH = 5_000;

/** The latest word of each task, from the stream or from the newest page, whichever came last. */
function useFresh(head: Page | undefined): ReadonlyMap<string, TaskSummary> {
  const [fresh, setFresh] = useState<ReadonlyMap<string, TaskSummary>>(new Map());
  const [read, setRead] = useState(head);
  if (head !== undefined && head !== read) {
    setRead(head);
    setFresh(joined(fresh, head.items));
  }
  const hear = useCallback((tick: LiveTick) => {
    if (tick.tasks.length > 0) setFresh((known) => joined(known, tick.tasks));
  }, []);
  useTicks(hear);
  return fresh;
}

/** Keeps what is told again as it was: its row is not drawn anew. */
function joined(
  known: ReadonlyMap<string, TaskSummary>,
  told: readonly TaskSummary[],
): ReadonlyMap<string, TaskSummary> {
  const next = new Map(known.size > MAX_FRESH ? [] : known);
  for (const task of told) {
    const key = keyOf(task);
    next.set(key, replaceEqualDeep(known.get(key), task));
  }
  return next;
}
