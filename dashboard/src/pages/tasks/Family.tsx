import { useQueries } from '@tanstack/react-query';
import { answered, client } from '../../api/client.js';
import type { TaskDetail } from '../../api/model.js';
import { ScopedLink, taskPath } from '../../components/ScopedLink.js';
import { TaskStateBadge } from '../../components/State.js';
import { counted } from '../../format/numbers.js';

/** Children asked for one by one. */
const SHOWN = 25;

/** Who called this task and whom it called, each with its state. */
export function Family({ task }: { readonly task: TaskDetail }) {
  const { parent_id: parent, root_id: root, child_ids: children } = task;
  if (parent === null && root === null && children.length === 0) return null;
  const above = [...new Set([root, parent].filter((id) => id !== null && id !== task.task_id))].flatMap((id) =>
    id === null ? [] : [id],
  );
  return (
    <section>
      <h3>Family</h3>
      <Members title={(id) => (id === parent ? 'parent' : 'root')} ids={above} source={task.source} />
      <Members title={() => 'child'} ids={children.slice(0, SHOWN)} source={task.source} />
      {children.length > SHOWN && (
        <p className="hint">and {counted(children.length - SHOWN, 'more child', 'more children')}</p>
      )}
    </section>
  );
}

interface MembersProps {
  readonly title: (id: string) => string;
  readonly ids: readonly string[];
  readonly source: string;
}

function Members({ title, ids, source }: MembersProps) {
  const members = useQueries({
    queries: ids.map((id) => ({
      queryKey: ['task', id, source, 'status'],
      queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
        answered(
          client.GET('/api/v1/celery/tasks/{id}/status', { params: { path: { id }, query: { source } }, signal }),
        ),
    })),
  });
  return (
    <ul className="report">
      {ids.map((id, at) => {
        const state = members[at]?.data?.state;
        return (
          <li key={id}>
            <span className="hint">{title(id)}</span>
            <ScopedLink to={taskPath(id)} with={{ source }} className="mono">
              {id}
            </ScopedLink>
            {state === undefined ? (
              <span className="hint">{members[at]?.error?.message}</span>
            ) : (
              <TaskStateBadge state={state} />
            )}
          </li>
        );
      })}
    </ul>
  );
}
