import type { TaskSummary } from '../../api/model.js';
import { Count, Duration } from '../../components/Numbers.js';
import { TaskStateBadge } from '../../components/State.js';
import { Time } from '../../components/Time.js';
import type { Column } from '../../components/table-columns.js';
import { Unknown } from '../../components/Unknown.js';

const none = <span className="hint">–</span>;

/** Ids are only unique within a source. */
export function keyOf(task: { readonly source: string; readonly task_id: string }): string {
  return `${task.source} ${task.task_id}`;
}

export const COLUMNS: readonly Column<TaskSummary>[] = [
  { id: 'state', header: 'State', width: 104, cell: (task) => <TaskStateBadge state={task.state} /> },
  {
    id: 'name',
    header: 'Name',
    width: 100,
    grow: 2,
    sortable: true,
    cell: (task) =>
      task.task_name === null ? (
        <Unknown why="No event of this task has told its name yet" />
      ) : (
        <span title={task.task_name}>{task.task_name}</span>
      ),
  },
  {
    id: 'id',
    header: 'Id',
    width: 120,
    priority: 2,
    cell: (task) => (
      <span className="mono" title={task.task_id}>
        {task.task_id}
      </span>
    ),
  },
  { id: 'queue', header: 'Queue', width: 90, priority: 3, cell: (task) => orUnknown(task.queue, 'queue') },
  { id: 'worker', header: 'Worker', width: 120, priority: 3, cell: (task) => workerOf(task) },
  {
    id: 'sent',
    header: 'Sent',
    width: 84,
    align: 'right',
    sortable: true,
    cell: (task) => <Time at={task.sent_at} why="The engine did not tell when it was enqueued" />,
  },
  {
    id: 'started',
    header: 'Started',
    width: 92,
    align: 'right',
    sortable: true,
    priority: 4,
    cell: (task) => (task.started_at === null && !hasRun(task) ? none : <Time at={task.started_at} />),
  },
  {
    id: 'finished',
    header: 'Finished',
    width: 92,
    align: 'right',
    sortable: true,
    priority: 3,
    cell: (task) => (isOver(task) ? <Time at={task.finished_at} /> : none),
  },
  {
    id: 'runtime',
    header: 'Run time',
    width: 92,
    align: 'right',
    sortable: true,
    priority: 2,
    cell: (task) =>
      task.runtime_seconds === null && !hasRun(task) ? (
        none
      ) : (
        <Duration value={task.runtime_seconds} why="Its start, or its end, was not heard of" />
      ),
  },
  {
    id: 'attempts',
    header: 'Attempts',
    width: 80,
    align: 'right',
    priority: 3,
    cell: (task) => <Count value={task.attempts} why="The engine does not count attempts" />,
  },
  {
    id: 'error',
    header: 'Error',
    width: 160,
    grow: true,
    priority: 2,
    cell: (task) =>
      task.error === null ? null : (
        <span title={`${task.error.type}: ${task.error.message}`}>
          <strong>{task.error.type}</strong> <span className="hint">{task.error.message}</span>
        </span>
      ),
  },
  {
    id: 'eta',
    header: 'Not before',
    width: 92,
    align: 'right',
    priority: 4,
    cell: (task) => (task.eta === null ? none : <Time at={task.eta} />),
  },
  { id: 'source', header: 'Source', width: 120, priority: 4, cell: (task) => task.source },
];

function isOver({ state }: TaskSummary): boolean {
  return state === 'SUCCESS' || state === 'FAILURE' || state === 'REVOKED' || state === 'REJECTED';
}

function hasRun({ state }: TaskSummary): boolean {
  return state === 'SUCCESS' || state === 'FAILURE';
}

function workerOf(task: TaskSummary) {
  if (task.worker !== null) return <span title={task.worker}>{task.worker}</span>;
  return task.state === 'PENDING' ? (
    none
  ) : (
    <Unknown why="The engine does not tell who runs a task, unless its worker carries the agent" />
  );
}

function orUnknown(value: string | null, what: string) {
  return value === null ? <Unknown why={`No event has told its ${what}`} /> : <span title={value}>{value}</span>;
}
