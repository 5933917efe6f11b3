import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTasksNow } from '../../api/details.js';
import type { QueueDetail, TasksStatus } from '../../api/model.js';
import { useCan } from '../../api/queries.js';
import { ActionButton } from '../../components/ActionButton.js';
import { ConfirmDialog } from '../../components/ConfirmDialog.js';
import { Panel } from '../../components/Panel.js';
import { ShortList } from '../../components/ShortList.js';
import { TaskName } from '../../components/TaskName.js';
import { Time } from '../../components/Time.js';
import { count } from '../../format/numbers.js';
import { promote } from './queue-commands.js';

type Delayed = TasksStatus['scheduled_tasks'][number];

const SHOWN = 10;

/** What waits for its time, the next first; each can be let run at once where the engine can. */
export function DelayedTasks({ queue }: { readonly queue: QueueDetail }) {
  const { data } = useTasksNow(queue.source);
  const can = useCan();
  const [asked, setAsked] = useState<Delayed | null>(null);
  const own = (data?.scheduled_tasks ?? []).filter((task) => task.queue === queue.name);
  if (own.length === 0 && asked === null) return null;
  return (
    <Panel title={queue.delayed === null ? 'Delayed' : `Delayed (${count(queue.delayed)})`}>
      <ShortList
        rows={own.slice(0, SHOWN).map((task) => ({
          key: task.task_id,
          name: <TaskName task={task} />,
          facts: (
            <>
              due <Time at={task.eta} />{' '}
              {can(task.source, 'promote') && (
                <ActionButton operation="promoteTask" className="button small" onClick={() => setAsked(task)}>
                  Run now …
                </ActionButton>
              )}
            </>
          ),
        }))}
      />
      {asked !== null && <PromoteDialog task={asked} onClose={() => setAsked(null)} />}
    </Panel>
  );
}

function PromoteDialog({ task, onClose }: { readonly task: Delayed; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const act = async () => {
    const { message } = await promote(task);
    void queries.invalidateQueries({ queryKey: ['tasks'] });
    void queries.invalidateQueries({ queryKey: ['queues'] });
    return <p>{message}</p>;
  };
  return (
    <ConfirmDialog title={`Run ${task.task_id} now?`} verb="Run now" calm act={act} onClose={onClose}>
      <p>
        It no longer waits until <Time at={task.eta} as="clock" />, but for the next worker that is free.
      </p>
    </ConfirmDialog>
  );
}
