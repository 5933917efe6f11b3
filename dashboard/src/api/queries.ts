import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useScope } from '../scope/scope.js';
import { answered, client } from './client.js';
import { useFallbackInterval } from './live.js';
import type { Capability, Source } from './model.js';

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

/** Whether a source can do something; false while it is not known. Whether the reader may, `<ActionButton>` knows. */
export function useCan(): (source: string | null, capability: Capability) => boolean {
  const { data } = useSources();
  const sources: readonly Source[] = data?.items ?? [];
  return (source, capability) =>
    sources.some((known) => known.source === source && known.capabilities.includes(capability));
}
