import type { QueueDetail } from '../../api/model.js';
import { useWorkers } from '../../api/queries.js';
import { Loading } from '../../components/PageState.js';
import { Panel } from '../../components/Panel.js';
import { ScopedLink } from '../../components/ScopedLink.js';
import { ShortList } from '../../components/ShortList.js';
import { WorkerStatusBadge } from '../../components/State.js';
import { Unknown } from '../../components/Unknown.js';
import { counted } from '../../format/numbers.js';

const SHOWN = 20;

/** The workers that have told that they take from this queue. */
export function TakenBy({ queue }: { readonly queue: QueueDetail }) {
  const { data } = useWorkers();
  if (data === undefined) {
    return (
      <Panel title="Taken from by">
        <Loading rows={2} />
      </Panel>
    );
  }
  const takers = data.workers.filter(({ source, queues }) => source === queue.source && queues?.includes(queue.name));
  return (
    <Panel
      title="Taken from by"
      more={
        <span className="hint">
          {queue.consumers === null ? (
            <Unknown why="The engine does not tell who takes from it" />
          ) : (
            counted(queue.consumers, 'consumer')
          )}
        </span>
      }
      isEmpty={takers.length === 0}
      nothing={queue.consumers === 0 ? 'Nobody takes from this queue.' : 'No worker has told that it takes from here.'}
    >
      <ShortList
        rows={takers.slice(0, SHOWN).map((worker) => ({
          key: worker.name,
          name: (
            <ScopedLink to={`/workers/${encodeURIComponent(worker.name)}`} with={{ in: worker.source }}>
              {worker.name}
            </ScopedLink>
          ),
          facts: <WorkerStatusBadge status={worker.status} />,
        }))}
      />
    </Panel>
  );
}
