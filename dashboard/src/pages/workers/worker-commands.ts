import { answered, client } from '../../api/client.js';
import type { CommandReport, Worker } from '../../api/model.js';

type Told = Promise<CommandReport>;

function at({ name, source }: Worker) {
  return { path: { name }, query: { source } };
}

/** What can be told to one worker. Each answers with who has said what. */
export const worker = {
  shutDown: (to: Worker): Told => answered(client.POST('/api/v1/celery/workers/{name}/shutdown', { params: at(to) })),

  changePool: (to: Worker, action: 'grow' | 'shrink' | 'restart', by: number): Told =>
    answered(client.POST('/api/v1/celery/workers/{name}/pool', { params: at(to), body: { action, by } })),

  autoscale: (to: Worker, minimum: number, maximum: number): Told =>
    answered(client.PUT('/api/v1/celery/workers/{name}/autoscale', { params: at(to), body: { minimum, maximum } })),

  addQueue: (to: Worker, queue: string): Told =>
    answered(
      client.PUT('/api/v1/celery/workers/{name}/queues/{queue}', {
        params: { path: { name: to.name, queue }, query: { source: to.source } },
      }),
    ),

  cancelQueue: (to: Worker, queue: string): Told =>
    answered(
      client.DELETE('/api/v1/celery/workers/{name}/queues/{queue}', {
        params: { path: { name: to.name, queue }, query: { source: to.source } },
      }),
    ),

  switchEvents: (to: Worker, enabled: boolean): Told =>
    answered(client.PUT('/api/v1/celery/workers/{name}/events', { params: at(to), body: { enabled } })),
};

interface Limited {
  readonly source: string;
  readonly task: string;
  /** null for all that are up. */
  readonly worker: string | null;
}

function limited({ source, task, worker: only }: Limited) {
  return { params: { query: { source } }, body: { task, ...(only === null ? {} : { workers: [only] }) } };
}

export function limitRate(of: Limited, limit: string | null): Told {
  const { params, body } = limited(of);
  return answered(client.PUT('/api/v1/celery/tasks/rate-limit', { params, body: { ...body, limit } }));
}

export function limitTime(of: Limited, soft: number | null, hard: number | null): Told {
  const { params, body } = limited(of);
  return answered(
    client.PUT('/api/v1/celery/tasks/time-limit', {
      params,
      body: { ...body, soft_seconds: soft, hard_seconds: hard },
    }),
  );
}

export function revokeStamped(source: string, stamp: string, values: readonly string[], terminate: boolean): Told {
  return answered(
    client.POST('/api/v1/celery/tasks/stamped-revocations', {
      params: { query: { source } },
      body: { stamp, values: [...values], terminate },
    }),
  );
}
