import { useState } from 'react';
import { useWorker } from '../../api/details.js';
import type { Worker } from '../../api/model.js';
import { useCan } from '../../api/queries.js';
import { ActionButton } from '../../components/ActionButton.js';
import { CopyButton } from '../../components/CopyButton.js';
import { Facts } from '../../components/Facts.js';
import { Icon } from '../../components/Icon.js';
import { Count, Duration } from '../../components/Numbers.js';
import { PageHead } from '../../components/PageHead.js';
import { Answered } from '../../components/PageState.js';
import { Panel } from '../../components/Panel.js';
import { filterValue, ScopedLink, TasksLink } from '../../components/ScopedLink.js';
import { WORKER_STATUS, WorkerStatusBadge } from '../../components/State.js';
import { Time } from '../../components/Time.js';
import { Unknown } from '../../components/Unknown.js';
import { Inspection } from './Inspection.js';
import { CancelQueueDialog } from './QueueDialogs.js';
import { WorkerControls } from './WorkerControls.js';
import { WorkerLives } from './WorkerLives.js';
import { WorkerTasks } from './WorkerTasks.js';
import { WorkerTrends } from './WorkerTrends.js';
import './workers.css';

/** One worker: what it is, what it does, and what can be told to it. */
export function WorkerPage({ name, source }: { readonly name: string; readonly source: string | null }) {
  const query = useWorker(name, source);
  return (
    <Answered query={query} rows={12}>
      {(worker) => (
        <>
          <PageHead
            title={worker.name}
            up={{ to: '/workers', label: 'Workers' }}
            beside={
              <>
                <CopyButton text={worker.name} what="the name" />
                <WorkerStatusBadge status={worker.status} />
                <span className="hint">{WORKER_STATUS[worker.status].meaning}</span>
              </>
            }
          />
          <WorkerControls worker={worker} />
          <div className="detail">
            <div className="detail-column">
              <WorkerTasks worker={worker} />
              <Queues worker={worker} />
              <Inspection worker={worker} />
            </div>
            <div className="detail-column">
              <Pool worker={worker} />
              <WorkerTrends worker={worker} at={new Date(query.dataUpdatedAt).toISOString()} />
              <Process worker={worker} />
              <WorkerLives worker={worker} />
            </div>
          </div>
        </>
      )}
    </Answered>
  );
}

function Queues({ worker }: { readonly worker: Worker }) {
  const [stopping, setStopping] = useState<string | null>(null);
  const can = useCan();
  const removable = worker.up && can(worker.source, 'worker-queues');
  const { queues } = worker;
  return (
    <Panel title="Takes from" isEmpty={queues?.length === 0} nothing="It takes from no queue.">
      {queues === null ? (
        <Unknown why="It has not told" />
      ) : (
        <ul className="chips">
          {queues.map((queue) => (
            <li key={queue}>
              <ScopedLink to={`/queues/${encodeURIComponent(queue)}`} with={{ in: worker.source }}>
                {queue}
              </ScopedLink>
              {removable && (
                <ActionButton
                  operation="cancelWorkerQueue"
                  className="icon-button"
                  label={`Stop taking from ${queue}`}
                  onClick={() => setStopping(queue)}
                >
                  <Icon name="cross" size={12} />
                </ActionButton>
              )}
            </li>
          ))}
        </ul>
      )}
      {stopping !== null && <CancelQueueDialog worker={worker} queue={stopping} onClose={() => setStopping(null)} />}
    </Panel>
  );
}

function Pool({ worker }: { readonly worker: Worker }) {
  const { pool } = worker;
  return (
    <Panel title="Pool">
      <Facts
        facts={[
          { name: 'Tasks at once', value: <Count value={pool.max_concurrency} /> },
          { name: 'Busy', value: <Count value={pool.busy_workers ?? worker.active_tasks?.length} /> },
          {
            name: 'Resizes itself',
            value:
              pool.autoscale === null
                ? 'no, or it does not tell'
                : `${pool.autoscale.minimum} to ${pool.autoscale.maximum}`,
          },
          { name: 'Taken ahead', value: <Count value={worker.prefetch_count} /> },
          {
            name: 'Finished since it started',
            value: (
              <TasksLink q={`worker:${filterValue(worker.name)}`}>
                <Count value={worker.processed} />
              </TasksLink>
            ),
          },
        ]}
      />
    </Panel>
  );
}

function Process({ worker }: { readonly worker: Worker }) {
  const untold = <Unknown why="It has not told" />;
  return (
    <Panel title="Process">
      <Facts
        facts={[
          { name: 'Source', value: `${worker.source} (${worker.engine})` },
          { name: 'Software', value: worker.software ?? untold },
          { name: 'Host', value: worker.host ?? untold },
          { name: 'Process id', value: worker.pid ?? untold },
          { name: 'Started', value: <Time at={worker.started_at} /> },
          { name: 'Up for', value: <Duration value={worker.uptime_seconds} /> },
          { name: 'Last heard of', value: <Time at={worker.last_seen_at} /> },
          {
            name: 'Task events',
            value: worker.events_enabled === null ? untold : worker.events_enabled ? 'on' : 'off',
          },
          { name: 'Taskscope agent', value: worker.agent ? 'runs inside it' : 'none' },
        ]}
      />
    </Panel>
  );
}
