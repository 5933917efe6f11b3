import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { answered, client } from '../../api/client.js';
import type { QueueDetail } from '../../api/model.js';
import { useCan } from '../../api/queries.js';
import { CopyButton } from '../../components/CopyButton.js';
import { JsonTree } from '../../components/JsonTree.js';
import { Bytes } from '../../components/Numbers.js';
import { Answered } from '../../components/PageState.js';
import { Panel } from '../../components/Panel.js';
import { TasksLink } from '../../components/ScopedLink.js';
import { ShortList } from '../../components/ShortList.js';
import { TaskName } from '../../components/TaskName.js';
import { Time } from '../../components/Time.js';
import { inQueue } from './columns.js';

const SHOWN = 10;

const UNREADABLE = {
  oversized: 'too large to be shown',
  opaque: 'written in a way that only workers can read',
  malformed: 'no readable message',
} as const;

/** The first tasks of the queue: as they lie in the broker where it can show them, else as they are remembered. */
export function NextInLine({ queue }: { readonly queue: QueueDetail }) {
  const can = useCan();
  return can(queue.source, 'peek-queue') ? <Peek queue={queue} /> : <Remembered queue={queue} />;
}

function Peek({ queue: { name, source } }: { readonly queue: QueueDetail }) {
  const [looking, setLooking] = useState(false);
  const query = useQuery({
    queryKey: ['peek', { name, source }],
    enabled: looking,
    queryFn: ({ signal }) =>
      answered(
        client.GET('/api/v1/celery/queues/{name}/waiting', {
          params: { path: { name }, query: { source, limit: SHOWN } },
          signal,
        }),
      ),
  });
  return (
    <Panel
      title="Next in line"
      more={
        <button
          type="button"
          className="button small"
          onClick={() => {
            setLooking(true);
            if (looking) void query.refetch();
          }}
        >
          {looking ? 'Look again' : 'Look into the queue'}
        </button>
      }
    >
      {looking ? (
        <Answered query={query} rows={3}>
          {({ items, total, payloads_visible }) =>
            items.length === 0 ? (
              <p className="nothing">Nothing waits.</p>
            ) : (
              <ol className="peeked" aria-label={`The first ${items.length} of ${total}`}>
                {items.map((task, at) => (
                  <li key={task.task_id ?? at}>
                    <p>
                      {task.task_id === null ? (
                        (task.task_name ?? 'without a name')
                      ) : (
                        <span>
                          <TaskName task={{ task_id: task.task_id, task_name: task.task_name, source }} />{' '}
                          <CopyButton text={task.task_id} what="the id" />
                        </span>
                      )}
                      <span className="hint">
                        sent <Time at={task.sent_at} why="A message of Celery does not tell when it was sent" />,{' '}
                        <Bytes value={task.bytes} />
                        {task.redelivered && ', handed out before'}
                      </span>
                    </p>
                    {task.unreadable !== null ? (
                      <p className="hint">Its content is {UNREADABLE[task.unreadable]}.</p>
                    ) : (
                      payloads_visible && (
                        <JsonTree value={{ args: task.args, kwargs: task.kwargs }} what="the arguments" />
                      )
                    )}
                  </li>
                ))}
              </ol>
            )
          }
        </Answered>
      ) : (
        <p className="nothing">Looking takes and changes nothing.</p>
      )}
    </Panel>
  );
}

function Remembered({ queue: { name, source, length } }: { readonly queue: QueueDetail }) {
  const query = useQuery({
    queryKey: ['tasks', 'next', { name, source, length }],
    queryFn: ({ signal }) =>
      answered(
        client.GET('/api/v1/celery/tasks', {
          params: { query: { source, queue: name, state: ['PENDING'], sort: 'sent', limit: SHOWN } },
          signal,
        }),
      ),
  });
  return (
    <Panel title="Longest waiting" more={<TasksLink q={inQueue(name, 'PENDING')}>all</TasksLink>}>
      <Answered query={query} rows={3}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="nothing">Nothing that waits is remembered.</p>
          ) : (
            <ShortList
              rows={items.map((task) => ({
                key: task.task_id,
                name: <TaskName task={task} />,
                facts: (
                  <>
                    sent <Time at={task.sent_at} />
                    {task.eta !== null && (
                      <>
                        , due <Time at={task.eta} />
                      </>
                    )}
                  </>
                ),
              }))}
            />
          )
        }
      </Answered>
    </Panel>
  );
}
