import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answered, client } from '../../api/client.js';
import type { TaskDetail } from '../../api/model.js';
import { ConfirmDialog } from '../../components/ConfirmDialog.js';

const TEN_YEARS = 315_360_000;
const MOST_PRIORITY = 2_097_151;

interface Props {
  readonly task: TaskDetail;
  readonly what: 'delay' | 'priority';
  readonly onClose: () => void;
}

/** How long a task still has to wait, or before which others it comes. */
export function ChangeDialog({ task, what, onClose }: Props) {
  const queries = useQueryClient();
  const [value, setValue] = useState(what === 'priority' ? String(task.priority ?? '') : '');
  const act = async () => {
    const body = what === 'delay' ? { delay_seconds: Number(value) } : { priority: Number(value) };
    const { message } = await answered(
      client.PATCH('/api/v1/celery/tasks/{id}', {
        params: { path: { id: task.task_id }, query: { source: task.source } },
        body,
      }),
    );
    void queries.invalidateQueries({ queryKey: ['task', task.task_id] });
    void queries.invalidateQueries({ queryKey: ['tasks'] });
    return <p>{message}</p>;
  };
  return (
    <ConfirmDialog
      title={`${what === 'delay' ? 'Let it wait' : 'Change the priority'}: ${task.task_name ?? 'task'} ${task.task_id}?`}
      verb="Change"
      calm
      blocked={value.trim() === ''}
      act={act}
      onClose={onClose}
    >
      <label>
        {what === 'delay' ? 'Seconds from now' : 'Priority: 1 is the most urgent, 0 is none and goes before all'}
        <input
          className="field"
          type="number"
          min={0}
          max={what === 'delay' ? TEN_YEARS : MOST_PRIORITY}
          step={what === 'delay' ? 'any' : 1}
          required
          value={value}
          onChange={(event) => setValue(event.target.value)}
        />
      </label>
      <p>{what === 'delay' ? 'It runs no sooner than that.' : 'It moves to its new place among those that wait.'}</p>
    </ConfirmDialog>
  );
}
