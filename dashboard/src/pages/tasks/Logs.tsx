import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { answered, client } from '../../api/client.js';
import type { TaskDetail } from '../../api/model.js';
import { CopyButton } from '../../components/CopyButton.js';
import { count } from '../../format/numbers.js';

/** Lines that are asked for beyond those that come with the task. */
const MOST = 500;

/** What the task wrote down: the newest first, and all of it when asked for. */
export function Logs({ task }: { readonly task: TaskDetail }) {
  const { task_id: id, source, logs } = task;
  const [whole, setWhole] = useState(false);
  const query = useQuery({
    queryKey: ['task', id, source, 'logs'],
    queryFn: ({ signal }) =>
      answered(
        client.GET('/api/v1/celery/tasks/{id}/logs', {
          params: { path: { id }, query: { source, limit: MOST } },
          signal,
        }),
      ),
    enabled: whole,
  });
  if (logs === null || logs.length === 0) return null;
  const lines = query.data === undefined ? logs : query.data.items;
  const total = query.data?.total ?? null;
  return (
    <section>
      <h3>
        {query.data === undefined ? 'Log, newest first' : 'Log, oldest first'}
        <CopyButton text={lines.join('\n')} what="the log" />
        {!whole && (
          <button type="button" className="button small" onClick={() => setWhole(true)}>
            From its beginning
          </button>
        )}
      </h3>
      {query.error !== null && <p className="bad">{query.error.message}</p>}
      <pre className="traceback" tabIndex={0} role="region" aria-label="Log">
        {lines.join('\n')}
      </pre>
      {total !== null && total > lines.length && (
        <p className="hint">
          The first {count(lines.length)} of {count(total)} lines.
        </p>
      )}
    </section>
  );
}
