import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useScope } from '../scope/scope.js';
import { answered, client } from './client.js';
import { useFallbackInterval } from './live.js';
import { sourceParameter } from './queries.js';

/** Of the tasks that run and wait now; beyond it the answer says `truncated`. */
const TASKS_LIMIT = 500;

/**
 * The stream tells of events, and of counts that the service has looked up. What a worker uses, when it was last heard of, and which tasks
 * wait for their time it does not tell.
 */
const UNTOLD_MS = 5_000;

/** One worker, fresh while the page is live. */
export function useWorker(name: string, source: string | null) {
  const { live } = useScope();
  return useQuery({
    queryKey: ['workers', { name, source }],
    queryFn: ({ signal }) =>
      answered(
        client.GET('/api/v1/celery/workers/{name}', {
          params: { path: { name }, query: sourceParameter(source) },
          signal,
        }),
      ),
    refetchInterval: live ? UNTOLD_MS : false,
  });
}

/** What runs and what waits now, of one source or all. */
export function useTasksNow(source: string | null) {
  const { live } = useScope();
  return useQuery({
    queryKey: ['tasks', 'now', source],
    queryFn: ({ signal }) =>
      answered(
        client.GET('/api/v1/celery/tasks/status', {
          params: { query: { ...sourceParameter(source), limit: TASKS_LIMIT } },
          signal,
        }),
      ),
    refetchInterval: live ? UNTOLD_MS : false,
    placeholderData: keepPreviousData,
  });
}

/** One queue, with its schedules. */
export function useQueue(name: string, source: string | null) {
  return useQuery({
    queryKey: ['queues', { name, source }],
    queryFn: ({ signal }) =>
      answered(
        client.GET('/api/v1/celery/queues/{name}', {
          params: { path: { name }, query: sourceParameter(source) },
          signal,
        }),
      ),
    refetchInterval: useFallbackInterval(),
  });
}
