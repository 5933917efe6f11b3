import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { answered, client } from '../../../api/client.js';
import type { TaskDetail } from '../../../api/model.js';
import { Dialog } from '../../../components/Dialog.js';
import { Duration } from '../../../components/Numbers.js';
import { Answered } from '../../../components/PageState.js';
import { filterValue, ScopedLink, taskPath } from '../../../components/ScopedLink.js';
import { ShortList } from '../../../components/ShortList.js';
import { TaskStateBadge } from '../../../components/State.js';
import { Time } from '../../../components/Time.js';

const SHOWN = 12;

/** Which other run of the same name to lay beside this one. */
export function CompareChoice({ task }: { readonly task: TaskDetail }) {
  const [open, setOpen] = useState(false);
  if (task.task_name === null) return null;
  return (
    <>
      <button type="button" className="button" onClick={() => setOpen(true)}>
        Compare …
      </button>
      {open && (
        <Dialog label="Compare with" onClose={() => setOpen(false)}>
          <h2>Compare with which run of {task.task_name}?</h2>
          <Others task={task} name={task.task_name} />
          <div className="dialog-actions">
            <button type="button" className="button" onClick={() => setOpen(false)}>
              Close
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}

function Others({ task, name }: { readonly task: TaskDetail; readonly name: string }) {
  const { task_id: id, source } = task;
  const query = useQuery({
    queryKey: ['runs', name, source],
    queryFn: ({ signal }) =>
      answered(
        client.GET('/api/v1/celery/tasks', {
          params: { query: { source, q: `name:${filterValue(name)}`, sort: '-finished', limit: SHOWN + 1 } },
          signal,
        }),
      ),
  });
  return (
    <Answered query={query} rows={6}>
      {({ items }) => {
        const others = items.filter((other) => other.task_id !== id).slice(0, SHOWN);
        if (others.length === 0) return <p className="nothing">No other run of it is remembered.</p>;
        return (
          <ShortList
            rows={others.map((other) => ({
              key: other.task_id,
              name: (
                <ScopedLink to={taskPath(id)} with={{ source, against: other.task_id, beside: other.source }}>
                  {other.task_id}
                </ScopedLink>
              ),
              facts: (
                <>
                  <TaskStateBadge state={other.state} />, ran{' '}
                  <Duration value={other.runtime_seconds} why="It has not finished" />, <Time at={other.finished_at} />
                </>
              ),
            }))}
          />
        );
      }}
    </Answered>
  );
}
