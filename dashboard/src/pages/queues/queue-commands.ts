import { answered, client } from '../../api/client.js';
import type { Queue, QueueActionReport } from '../../api/model.js';

type Target = Pick<Queue, 'name' | 'source'>;

export const CLEANABLE = ['failed', 'succeeded', 'delayed', 'waiting'] as const;
export type Cleanable = (typeof CLEANABLE)[number];

/** What is to be removed from a queue. */
export type Removal =
  | { readonly kind: 'clean'; readonly tasks: Cleanable; readonly olderThanSeconds: number }
  | { readonly kind: 'drain'; readonly delayed: boolean }
  | { readonly kind: 'obliterate'; readonly force: boolean };

function at({ name, source }: Target) {
  return { path: { name }, query: { source } };
}

export function pause(queue: Target): Promise<QueueActionReport> {
  return answered(client.PUT('/api/v1/celery/queues/{name}/pause', { params: at(queue) }));
}

export function resume(queue: Target): Promise<QueueActionReport> {
  return answered(client.DELETE('/api/v1/celery/queues/{name}/pause', { params: at(queue) }));
}

/** `atMost` null only counts. Where there are more by now, nothing is removed and the service says how many. */
export function remove(queue: Target, what: Removal, atMost: number | null): Promise<QueueActionReport> {
  const params = at(queue);
  const bound = atMost === null ? { dry_run: true } : { dry_run: false, expected_count: atMost };
  switch (what.kind) {
    case 'clean': {
      const body = { ...bound, tasks: what.tasks, older_than_seconds: what.olderThanSeconds, limit: 10_000 };
      return answered(client.POST('/api/v1/celery/queues/{name}/clean', { params, body }));
    }
    case 'drain':
      return answered(
        client.POST('/api/v1/celery/queues/{name}/drain', { params, body: { ...bound, delayed: what.delayed } }),
      );
    case 'obliterate':
      return answered(
        client.POST('/api/v1/celery/queues/{name}/obliterate', { params, body: { ...bound, force: what.force } }),
      );
  }
}

export function promote(task: { readonly task_id: string; readonly source: string }) {
  return answered(
    client.POST('/api/v1/celery/tasks/{id}/promote', {
      params: { path: { id: task.task_id }, query: { source: task.source } },
    }),
  );
}
