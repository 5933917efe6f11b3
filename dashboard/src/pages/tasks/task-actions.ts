import { answered, client } from '../../api/client.js';
import type { Capability, TaskState } from '../../api/model.js';
import type { components } from '../../api/schema.js';

type ActionReport = components['schemas']['TaskActionReportDto'];

export interface TaskAction {
  readonly verb: string;
  /** What will happen. */
  readonly meaning: string;
  /** operationId, by which a token may be limited. */
  readonly operation: string;
  readonly capability: Capability;
  readonly states: readonly TaskState[];
  /** Not of what has a dialog of its own. */
  readonly perform?: (task: { readonly task_id: string; readonly source: string }) => Promise<ActionReport>;
}

const place = ({ task_id: id, source }: { readonly task_id: string; readonly source: string }) => ({
  path: { id },
  query: { source },
});

/** What can be done to a single task beside revoking it, where its engine can. */
export const TASK_ACTIONS: readonly TaskAction[] = [
  {
    verb: 'Run again',
    meaning: 'It goes back into its queue, with the same arguments, and gets one more attempt.',
    operation: 'retryTask',
    capability: 'retry',
    states: ['FAILURE', 'SUCCESS'],
  },
  {
    verb: 'Run now',
    meaning: 'It waits for its time no longer.',
    operation: 'promoteTask',
    capability: 'promote',
    states: ['PENDING', 'RETRY'],
    perform: (task) => answered(client.POST('/api/v1/celery/tasks/{id}/promote', { params: place(task) })),
  },
  {
    verb: 'Remove',
    meaning: 'It is taken out of the broker with its arguments, its result and its log. That cannot be undone.',
    operation: 'removeTask',
    capability: 'remove',
    states: ['PENDING', 'RETRY', 'SUCCESS', 'FAILURE', 'REVOKED', 'REJECTED'],
    perform: (task) => answered(client.DELETE('/api/v1/celery/tasks/{id}', { params: place(task) })),
  },
];
