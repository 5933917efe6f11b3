import { useQueue } from '../../api/details.js';
import type { QueueDetail } from '../../api/model.js';
import { CopyButton } from '../../components/CopyButton.js';
import { Facts } from '../../components/Facts.js';
import { Count, Duration } from '../../components/Numbers.js';
import { PageHead } from '../../components/PageHead.js';
import { Answered } from '../../components/PageState.js';
import { Panel } from '../../components/Panel.js';
import { TasksLink } from '../../components/ScopedLink.js';
import { Time } from '../../components/Time.js';
import { count } from '../../format/numbers.js';
import { inQueue } from './columns.js';
import { DelayedTasks } from './Delayed.js';
import { NextInLine } from './NextInLine.js';
import { QueueControls } from './QueueControls.js';
import { QueueSchedules } from './QueueSchedules.js';
import { QueueState } from './QueueState.js';
import { QueueTrends } from './QueueTrends.js';
import { TakenBy } from './TakenBy.js';
import './queues.css';

/** One queue: what waits in it, for whom, and what can be done about it. */
export function QueuePage({ name, source }: { readonly name: string; readonly source: string | null }) {
  const query = useQueue(name, source);
  return (
    <Answered query={query} rows={12}>
      {(queue) => (
        <>
          <PageHead
            title={queue.name}
            up={{ to: '/queues', label: 'Queues' }}
            beside={
              <>
                <CopyButton text={queue.name} what="the name" />
                <QueueState queue={queue} />
                <span className="hint">
                  {queue.source} ({queue.engine})
                </span>
              </>
            }
          />
          <QueueControls queue={queue} />
          <QueueTrends queue={queue} />
          <div className="detail">
            <div className="detail-column">
              <Depth queue={queue} />
              <Limits queue={queue} />
              <Priorities queue={queue} />
            </div>
            <div className="detail-column">
              <NextInLine queue={queue} />
              <DelayedTasks queue={queue} />
              <TakenBy queue={queue} />
              <QueueSchedules queue={queue} />
            </div>
          </div>
        </>
      )}
    </Answered>
  );
}

function Depth({ queue }: { readonly queue: QueueDetail }) {
  const linked = (state: string, value: number | null | undefined, why: string) => (
    <TasksLink q={inQueue(queue.name, state)}>
      <Count value={value} why={why} />
    </TasksLink>
  );
  const { engine } = queue;
  const notHere = 'The broker keeps no finished tasks here';
  return (
    <Panel title="In the broker" more={<Time at={queue.as_of} why="Not looked at yet" />}>
      <Facts
        facts={[
          { name: 'Waiting', value: linked('PENDING', queue.length, '') },
          {
            name: 'Oldest waits for',
            value:
              queue.length === 0 ? (
                'nothing waits'
              ) : (
                <Duration
                  value={queue.oldest_waiting_seconds}
                  why="The broker does not tell how long tasks have waited"
                />
              ),
          },
          { name: 'Running', value: linked('STARTED', queue.active, 'The engine does not tell') },
          ...(engine === 'celery' ? [{ name: 'Unacknowledged', value: <Count value={queue.unacknowledged} /> }] : []),
          { name: 'Delayed', value: <Count value={queue.delayed} why="Celery's workers hold what waits for a time" /> },
          ...(engine === 'bullmq'
            ? [{ name: 'Waiting for children', value: <Count value={queue.waiting_children} /> }]
            : []),
          ...(engine === 'celery'
            ? []
            : [
                { name: 'Orphaned', value: <Count value={queue.orphaned} /> },
                { name: 'Succeeded, kept', value: linked('SUCCESS', queue.kept?.succeeded, notHere) },
                { name: 'Failed, kept', value: linked('FAILURE', queue.kept?.failed, notHere) },
              ]),
        ]}
      />
    </Panel>
  );
}

function Limits({ queue: { limits } }: { readonly queue: QueueDetail }) {
  if (limits === null) return null;
  const { rate, concurrency, held_back_seconds } = limits;
  return (
    <Panel title="Held back by">
      <Facts
        facts={[
          {
            name: 'Rate',
            value:
              rate === null ? (
                'no limit'
              ) : (
                <>
                  {count(rate.tasks)} in <Duration value={rate.period_seconds} />
                </>
              ),
          },
          { name: 'At once', value: concurrency === null ? 'no limit' : count(concurrency) },
          {
            name: 'Now',
            value:
              held_back_seconds === 0 ? (
                'not held back'
              ) : (
                <Duration value={held_back_seconds} why="A limit of a worker's own may hold it back" />
              ),
          },
        ]}
      />
    </Panel>
  );
}

function Priorities({ queue: { by_priority: lengths } }: { readonly queue: QueueDetail }) {
  if (lengths === null) return null;
  const most = Math.max(1, ...lengths.map(({ length }) => length));
  return (
    <Panel title="Waiting by priority" isEmpty={lengths.length === 0} nothing="Nothing waits.">
      <ul className="priorities">
        {lengths.map(({ priority, length }) => (
          <li key={String(priority)}>
            <span>{priority === null ? 'without' : priority}</span>
            <span>
              {length > 0 && <span className="priority-bar" style={{ width: `${(length / most) * 100}%` }} />}
            </span>
            <Count value={length} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
