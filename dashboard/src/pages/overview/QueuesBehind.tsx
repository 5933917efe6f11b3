import { Count, Duration } from '../../components/Numbers.js';
import { Loading } from '../../components/PageState.js';
import { Panel } from '../../components/Panel.js';
import { filterValue, ScopedLink, TasksLink } from '../../components/ScopedLink.js';
import { ShortList } from '../../components/ShortList.js';
import type { Queues } from './known.js';

const SHOWN = 6;

export function QueuesBehind({ queues }: { readonly queues: Queues | undefined }) {
  const worst = (queues?.queues ?? [])
    .filter(({ length }) => length > 0)
    .sort((a, b) => (b.oldest_waiting_seconds ?? 0) - (a.oldest_waiting_seconds ?? 0) || b.length - a.length)
    .slice(0, SHOWN);
  return (
    <Panel
      title="Queues with work waiting"
      isEmpty={queues !== undefined && worst.length === 0}
      nothing="No queue holds anything that waits for a worker."
    >
      {queues === undefined ? (
        <Loading rows={3} />
      ) : (
        <ShortList
          rows={worst.map((queue) => ({
            key: `${queue.source} ${queue.name}`,
            name: (
              <ScopedLink to={`/queues/${encodeURIComponent(queue.name)}`} with={{ in: queue.source }}>
                {queue.name}
              </ScopedLink>
            ),
            facts: (
              <>
                <TasksLink q={`queue:${filterValue(queue.name)} and state:PENDING`}>
                  <Count value={queue.length} /> waiting
                </TasksLink>
                , oldest{' '}
                <Duration
                  value={queue.oldest_waiting_seconds}
                  why="The engine does not tell how long tasks have waited"
                />
                {queue.consumers === 0 && <strong className="bad"> nobody consumes it</strong>}
                {queue.paused === true && <strong> paused</strong>}
              </>
            ),
          }))}
        />
      )}
    </Panel>
  );
}
