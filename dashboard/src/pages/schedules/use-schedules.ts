import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { answered, client } from '../../api/client.js';
import { useFallbackInterval } from '../../api/live.js';
import { sourceParameter } from '../../api/queries.js';
import { useScope } from '../../scope/scope.js';

const LIMIT = 500;

/** What repeats, the next to run first. */
export function useSchedules() {
  const { source } = useScope();
  return useQuery({
    queryKey: ['schedules', source],
    queryFn: ({ signal }) =>
      answered(
        client.GET('/api/v1/celery/schedules', {
          params: { query: { ...sourceParameter(source), limit: LIMIT } },
          signal,
        }),
      ),
    refetchInterval: useFallbackInterval(),
    placeholderData: keepPreviousData,
  });
}
