import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { TaskDetail } from '../../api/model.js';
import { useCan } from '../../api/queries.js';
import { ActionButton } from '../../components/ActionButton.js';
import { ConfirmDialog } from '../../components/ConfirmDialog.js';
import { ChangeDialog } from './ChangeDialog.js';
import { RetryDialog } from './RetryDialog.js';
import { RevokeDialog } from './RevokeDialog.js';
import { TASK_ACTIONS, type TaskAction } from './task-actions.js';

const CHANGES = [
  { what: 'delay', label: 'Delay', capability: 'change-delay' },
  { what: 'priority', label: 'Priority', capability: 'change-priority' },
] as const;

/** What this reader can do to this task, in its engine and its state. */
export function Actions({ task }: { readonly task: TaskDetail }) {
  const can = useCan();
  const queries = useQueryClient();
  const [asking, setAsking] = useState<TaskAction | 'revoke' | 'delay' | 'priority' | null>(null);
  const running = task.state === 'STARTED';
  const over =
    task.state === 'SUCCESS' || task.state === 'FAILURE' || task.state === 'REVOKED' || task.state === 'REJECTED';
  const close = () => setAsking(null);
  // Only what waits for a time can be let run before it.
  const possible = TASK_ACTIONS.filter(
    ({ capability, states }) =>
      can(task.source, capability) &&
      states.includes(task.state) &&
      (capability !== 'promote' || task.eta !== null || task.state === 'RETRY'),
  );
  return (
    <>
      {!over && can(task.source, running ? 'revoke-active' : 'revoke-waiting') && (
        <ActionButton operation="revokeTask" className="button danger" onClick={() => setAsking('revoke')}>
          {running ? 'Stop …' : 'Revoke …'}
        </ActionButton>
      )}
      {possible.map((action) => (
        <ActionButton key={action.verb} operation={action.operation} onClick={() => setAsking(action)}>
          {action.verb} …
        </ActionButton>
      ))}
      {(task.state === 'PENDING' || task.state === 'RETRY') &&
        CHANGES.filter(
          ({ capability, what }) => can(task.source, capability) && (what !== 'delay' || task.eta !== null),
        ).map(({ what, label }) => (
          <ActionButton key={what} operation="changeTask" onClick={() => setAsking(what)}>
            {label} …
          </ActionButton>
        ))}
      {(asking === 'delay' || asking === 'priority') && <ChangeDialog task={task} what={asking} onClose={close} />}
      {asking === 'revoke' && <RevokeDialog task={task} onClose={close} />}
      {asking !== null && typeof asking !== 'string' && asking.capability === 'retry' && (
        <RetryDialog task={task} onClose={close} />
      )}
      {asking !== null && typeof asking !== 'string' && asking.capability !== 'retry' && (
        <ConfirmDialog
          title={`${asking.verb}: ${task.task_name ?? 'task'} ${task.task_id}?`}
          verb={asking.verb}
          act={async () => {
            const report = await asking.perform?.(task);
            void queries.invalidateQueries({ queryKey: ['task', task.task_id] });
            void queries.invalidateQueries({ queryKey: ['tasks'] });
            return <p>{report?.message}</p>;
          }}
          onClose={close}
        >
          <p>{asking.meaning}</p>
        </ConfirmDialog>
      )}
    </>
  );
}
