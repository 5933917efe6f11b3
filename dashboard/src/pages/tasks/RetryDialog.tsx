import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answered, client } from '../../api/client.js';
import type { TaskDetail } from '../../api/model.js';
import { useCan } from '../../api/queries.js';
import { ConfirmDialog } from '../../components/ConfirmDialog.js';
import { ScopedLink, taskPath } from '../../components/ScopedLink.js';
import { isList, isRecord, JsonField, useJsonField } from './JsonField.js';

/** Runs a task again, where the engine can with other arguments. */
export function RetryDialog({ task, onClose }: { readonly task: TaskDetail; readonly onClose: () => void }) {
  const { task_id: id, source, engine } = task;
  const can = useCan();
  const queries = useQueryClient();
  const [anew, setAnew] = useState(false);
  const args = useJsonField(task.args, isList);
  const kwargs = useJsonField(task.kwargs, isRecord);
  const editable = can(source, 'retry-edited');
  const act = async () => {
    const { message, new_task_id } = await answered(
      client.POST('/api/v1/celery/tasks/{id}/retry', {
        params: { path: { id }, query: { source } },
        body: {
          reset_attempts: anew,
          ...(args.edited === undefined ? {} : { args: args.edited }),
          ...(kwargs.edited === undefined ? {} : { kwargs: kwargs.edited }),
        },
      }),
    );
    void queries.invalidateQueries({ queryKey: ['task', id] });
    void queries.invalidateQueries({ queryKey: ['tasks'] });
    return (
      <>
        <p>{message}</p>
        {new_task_id !== null && (
          <p>
            <ScopedLink to={taskPath(new_task_id)} with={{ source }} className="mono">
              {new_task_id}
            </ScopedLink>
          </p>
        )}
      </>
    );
  };
  return (
    <ConfirmDialog
      title={`Run again: ${task.task_name ?? 'task'} ${id}?`}
      verb="Run again"
      blocked={args.wrong || kwargs.wrong}
      act={act}
      onClose={onClose}
    >
      <p>
        {engine !== 'celery' && 'It goes back into its queue, with the same arguments, and gets one more attempt.'}
        {engine === 'celery' &&
          !editable &&
          'A new task of this name is sent to the same queue, with the same arguments.'}
        {engine === 'celery' &&
          editable &&
          'A new task of this name is sent to the same queue. What is left as it is, is sent as it was; other arguments only where the settings allow them for this name.'}
      </p>
      {can(source, 'retry-anew') && (
        <label className="menu-item">
          <input type="checkbox" checked={anew} onChange={(event) => setAnew(event.target.checked)} />
          Count its attempts anew
        </label>
      )}
      {editable && (
        <>
          <JsonField
            label="Arguments, a JSON list"
            field={args}
            expected="a list, such as [1, &quot;two&quot;]"
            placeholder="as they were"
          />
          <JsonField
            label="Keyword arguments, a JSON object"
            field={kwargs}
            expected="an object in braces"
            placeholder="as they were"
          />
        </>
      )}
    </ConfirmDialog>
  );
}
