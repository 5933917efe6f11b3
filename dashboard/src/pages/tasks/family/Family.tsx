import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { answered, client } from '../../../api/client.js';
import type { TaskDetail } from '../../../api/model.js';
import { Answered } from '../../../components/PageState.js';
import { duration } from '../../../format/durations.js';
import { counted } from '../../../format/numbers.js';
import { layoutOf, type Family as Members } from './family-layout.js';
import { MemberRow } from './MemberRow.js';
import './family.css';

/** While something of it runs, its bars grow. */
const GROWING_MS = 3_000;

/** The workflow that a task belongs to, if any: who called whom, when each ran, and which of them decided when all was done. */
export function Family({ task }: { readonly task: TaskDetail }) {
  const { task_id: id, source, parent_id: parent, root_id: root, child_ids: children } = task;
  // Of Celery every task has a root, if only itself: whether it has children, only the family tells.
  const related = parent !== null || children.length > 0 || root !== null;
  const query = useQuery({
    queryKey: ['task', id, source, 'family'],
    queryFn: ({ signal }) =>
      answered(client.GET('/api/v1/celery/tasks/{id}/family', { params: { path: { id }, query: { source } }, signal })),
    enabled: related,
    refetchInterval: ({ state }) => (state.data?.items.some(isUnderWay) ? GROWING_MS : false),
  });
  if (!related || (query.data?.items.length ?? 1) < 2) return null;
  return (
    <section aria-label="Family">
      <h3>Family</h3>
      <Answered query={query}>{(family) => <Graph family={family} own={id} />}</Answered>
    </section>
  );
}

function Graph({ family, own }: { readonly family: Members; readonly own: string }) {
  const [onlyCritical, setOnlyCritical] = useState(false);
  const { items, critical_path: critical, complete, source } = family;
  const layout = layoutOf(items);
  const shown = onlyCritical ? items.filter((member) => member.critical) : items;
  return (
    <>
      <p className="hint">
        {counted(items.length, 'task')}
        {layout !== null && ` over ${duration(layout.seconds)}`}
        {critical.length > 0 && `; ${counted(critical.length, 'task')} decided how long that was`}
        {!complete && '; there are more than are shown'}
      </p>
      {critical.length > 0 && critical.length < items.length && (
        <label className="menu-item">
          <input type="checkbox" checked={onlyCritical} onChange={(event) => setOnlyCritical(event.target.checked)} />
          Only those that decided how long it took
        </label>
      )}
      <ol className="family">
        {shown.map((member) => (
          <MemberRow key={member.task_id} member={member} source={source} own={own} layout={layout} />
        ))}
      </ol>
    </>
  );
}

function isUnderWay({ task }: Members['items'][number]): boolean {
  return task !== null && ['PENDING', 'RECEIVED', 'STARTED', 'RETRY'].includes(task.state);
}
