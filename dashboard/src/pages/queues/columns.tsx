import type { Queue } from '../../api/model.js';
import { Sparkline } from '../../charts/Sparkline.js';
import { useRecent } from '../../charts/use-recent.js';
import { Count, Duration } from '../../components/Numbers.js';
import { filterValue, ScopedLink, TasksLink } from '../../components/ScopedLink.js';
import type { Column } from '../../components/table-columns.js';
import { QueueState, wordOf } from './QueueState.js';

/** A queue with the moment it was looked at. */
interface QueueRow {
  readonly queue: Queue;
  readonly at: string;
}

/** Tasks of a queue in one state, as the filter says it. */
export function inQueue(name: string, state: string): string {
  return `queue:${filterValue(name)} and state:${state}`;
}

export const COLUMNS: readonly Column<QueueRow>[] = [
  {
    id: 'name',
    header: 'Queue',
    width: 130,
    grow: true,
    cell: ({ queue: { name, source } }) => (
      <ScopedLink to={`/queues/${encodeURIComponent(name)}`} with={{ in: source }} title={name}>
        {name}
      </ScopedLink>
    ),
    sortValue: ({ queue }) => queue.name,
  },
  {
    id: 'length',
    header: 'Waiting',
    width: 84,
    align: 'right',
    cell: ({ queue }) => (
      <TasksLink q={inQueue(queue.name, 'PENDING')}>
        <Count value={queue.length} />
      </TasksLink>
    ),
    sortValue: ({ queue }) => queue.length,
  },
  {
    id: 'state',
    header: 'State',
    width: 112,
    cell: ({ queue }) => <QueueState queue={queue} />,
    sortValue: ({ queue }) => wordOf(queue),
  },
  {
    id: 'oldest',
    header: 'Oldest',
    width: 92,
    align: 'right',
    priority: 2,
    cell: ({ queue }) =>
      queue.length === 0 ? (
        <span className="hint">none</span>
      ) : (
        <Duration value={queue.oldest_waiting_seconds} why="The broker does not tell how long tasks have waited" />
      ),
    sortValue: ({ queue }) => queue.oldest_waiting_seconds,
  },
  {
    id: 'trend',
    header: 'Lately',
    width: 120,
    priority: 2,
    cell: (row) => <Trend {...row} />,
  },
  {
    id: 'active',
    header: 'Running',
    width: 84,
    align: 'right',
    priority: 2,
    cell: ({ queue }) => (
      <TasksLink q={inQueue(queue.name, 'STARTED')}>
        <Count value={queue.active} />
      </TasksLink>
    ),
    sortValue: ({ queue }) => queue.active,
  },
  {
    id: 'unacknowledged',
    header: 'Unacknowledged',
    width: 132,
    align: 'right',
    priority: 3,
    cell: ({ queue }) =>
      queue.engine === 'celery' ? (
        <Count value={queue.unacknowledged} why="Its broker does not tell" />
      ) : (
        <span className="hint" title="Bull and BullMQ hand a task out by moving it: there is nothing to acknowledge">
          –
        </span>
      ),
    sortValue: ({ queue }) => queue.unacknowledged,
  },
  {
    id: 'delayed',
    header: 'Delayed',
    width: 84,
    align: 'right',
    priority: 3,
    cell: ({ queue }) => <Count value={queue.delayed} why="Celery's workers hold what waits for a time" />,
    sortValue: ({ queue }) => queue.delayed,
  },
  {
    id: 'consumers',
    header: 'Consumers',
    width: 100,
    align: 'right',
    priority: 2,
    cell: ({ queue }) => <Count value={queue.consumers} why="The engine does not tell who takes from it" />,
    sortValue: ({ queue }) => queue.consumers,
  },
  {
    id: 'priorities',
    header: 'By priority',
    width: 140,
    priority: 4,
    cell: ({ queue }) =>
      queue.by_priority === null ? (
        <span className="hint">not told</span>
      ) : (
        queue.by_priority.map(({ priority, length }) => `${priority ?? 'none'}: ${length}`).join(', ') || 'empty'
      ),
  },
  {
    id: 'failed',
    header: 'Failed, kept',
    width: 100,
    align: 'right',
    priority: 4,
    cell: ({ queue }) => (
      <TasksLink q={inQueue(queue.name, 'FAILURE')}>
        <Count value={queue.kept?.failed} why="The broker keeps no finished tasks here" />
      </TasksLink>
    ),
    sortValue: ({ queue }) => queue.kept?.failed ?? null,
  },
  {
    id: 'source',
    header: 'Source',
    width: 120,
    priority: 3,
    cell: ({ queue: { source } }) => <span title={source}>{source}</span>,
    sortValue: ({ queue }) => queue.source,
  },
];

function Trend({ queue, at }: QueueRow) {
  const values = useRecent(`queue ${queue.source} ${queue.name}`, queue.length, at);
  return <Sparkline values={values} width={100} height={20} label={`Waiting, the last ${values.length} looks`} />;
}
