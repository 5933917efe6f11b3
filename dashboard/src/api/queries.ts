import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useScope } from '../scope/scope.js';
import { answered, client } from './client.js';
import { useFallbackInterval } from './live.js';
import type { Capability, Source } from './model.js';
import { useMay } from './session.js';

/** Of lists that a page shows whole; beyond it the answer says `truncated`. */
const LIST_LIMIT = 500;

/** Query parameters of the source that the reader has chosen; none means all. */
export function sourceParameter(source: string | null): { source?: string } {
  return source === null ? {} : { source };
}

export function useSources() {
  return useQuery({
    queryKey: ['sources'],
    queryFn: ({ signal }) => answered(client.GET('/api/v1/celery/sources', { signal })),
    refetchInterval: useFallbackInterval(),
  });
}

export function useSummary() {
  const { source } = useScope();
  return useQuery({
    queryKey: ['summary', source],
    queryFn: ({ signal }) =>
      answered(
        client.GET('/api/v1/celery/metrics/summary', {
          params: { query: { ...sourceParameter(source), limit: LIST_LIMIT } },
          signal,
        }),
      ),
    refetchInterval: useFallbackInterval(),
    placeholderData: keepPreviousData,
  });
}

export function useQueues() {
  const { source } = useScope();
  return useQuery({
    queryKey: ['queues', source],
    queryFn: ({ signal }) =>
      answered(
        client.GET('/api/v1/celery/queues/status', {
          params: { query: { ...sourceParameter(source), limit: LIST_LIMIT } },
          signal,
        }),
      ),
    refetchInterval: useFallbackInterval(),
    placeholderData: keepPreviousData,
  });
}

export function useWorkers() {
  const { source } = useScope();
  return useQuery({
    queryKey: ['workers', source],
    queryFn: ({ signal }) =>
      answered(
        client.GET('/api/v1/celery/workers/status', {
          params: { query: { ...sourceParameter(source), limit: LIST_LIMIT } },
          signal,
        }),
      ),
    refetchInterval: useFallbackInterval(),
    placeholderData: keepPreviousData,
  });
}

/** What only tells more, and so needs no further permission than to look. */
const ONLY_TELLS: ReadonlySet<Capability> = new Set([
  'find-by-id',
  'queue-age',
  'task-worker',
  'kept-tasks',
  'schedules',
  'task-logs',
  'peek-queue',
]);

/** What acts on workers, or leaves nothing of a queue. */
const FOR_ADMINS: ReadonlySet<Capability> = new Set([
  'obliterate-queue',
  'shutdown-worker',
  'resize-pool',
  'restart-pool',
  'autoscale',
  'worker-queues',
  'worker-events',
]);

/**
 * Whether a source can do something and the reader may; false while it is not known. Buttons for the rest are not drawn. `operation` is the
 * operationId, for readers who may do some things only.
 */
export function useCan(): (source: string | null, capability: Capability, operation?: string) => boolean {
  const { data } = useSources();
  const may = useMay();
  const sources: readonly Source[] = data?.items ?? [];
  return (source, capability, operation) =>
    (ONLY_TELLS.has(capability) || may(FOR_ADMINS.has(capability) ? 'administer' : 'operate', operation)) &&
    sources.some((known) => known.source === source && known.capabilities.includes(capability));
}
