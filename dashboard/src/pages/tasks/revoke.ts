import { answered, client } from '../../api/client.js';
import type { components, operations } from '../../api/schema.js';

export type RevokeReport = components['schemas']['RevokeReportDto'];
export type Signal = NonNullable<NonNullable<operations['revokeTask']['parameters']['query']>['signal']>;

export const SIGNALS = ['TERM', 'INT', 'QUIT', 'KILL'] as const satisfies readonly Signal[];

export function revoke(
  task: { readonly task_id: string; readonly source: string },
  how: { readonly terminate: boolean; readonly signal: Signal | null },
): Promise<RevokeReport> {
  return answered(
    client.POST('/api/v1/celery/tasks/{id}/revoke', {
      params: {
        path: { id: task.task_id },
        query: {
          source: task.source,
          terminate: how.terminate,
          ...(how.signal === null ? {} : { signal: how.signal }),
        },
      },
    }),
  );
}
