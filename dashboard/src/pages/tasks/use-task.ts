import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { answered, client } from '../../api/client.js';
import { type LiveTick, useTicks } from '../../api/live.js';
import { sourceParameter } from '../../api/queries.js';

/** Everything known about one task, asked again when the stream tells of it. */
export function useTask(id: string, source: string | null) {
  const queries = useQueryClient();
  const hear = useCallback(
    (tick: LiveTick) => {
      const told = tick.tasks.some((task) => task.task_id === id && (source === null || task.source === source));
      if (told || tick.tasks_left_out > 0) void queries.invalidateQueries({ queryKey: ['task', id] });
    },
    [queries, id, source],
  );
  useTicks(hear);
  return useQuery({
    queryKey: ['task', id, source],
    queryFn: ({ signal }) =>
      answered(
        client.GET('/api/v1/celery/tasks/{id}', {
          params: { path: { id }, query: sourceParameter(source) },
          signal,
        }),
      ),
    // Progress is not told by the stream.
    refetchInterval: ({ state }) => (state.data?.state === 'STARTED' ? 2_000 : false),
  });
}
