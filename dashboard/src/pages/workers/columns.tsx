import type { ReactNode } from 'react';
import type { Worker } from '../../api/model.js';
import { Bytes, Count, Duration } from '../../components/Numbers.js';
import { filterValue, ScopedLink, TasksLink } from '../../components/ScopedLink.js';
import { WorkerStatusBadge } from '../../components/State.js';
import { Time } from '../../components/Time.js';
import type { Column } from '../../components/table-columns.js';
import { Unknown } from '../../components/Unknown.js';
import { counted } from '../../format/numbers.js';
import { type GroupRow, type Row, type SortValue, sum } from './worker-rows.js';

const NO_AGENT = 'Only an agent in the worker measures this';

interface WorkerColumn extends Omit<Column<Row>, 'cell'> {
  readonly of: (worker: Worker) => ReactNode;
  readonly ofGroup?: (group: GroupRow) => ReactNode;
  readonly value?: SortValue;
}

const UP = ({ up }: Worker) => up;

const KNOWN: readonly WorkerColumn[] = [
  {
    id: 'name',
    header: 'Worker',
    width: 150,
    grow: true,
    of: (worker) => (
      <ScopedLink to={`/workers/${encodeURIComponent(worker.name)}`} with={{ in: worker.source }} title={worker.name}>
        {worker.name}
      </ScopedLink>
    ),
    ofGroup: ({ name, open, workers }) => (
      <strong className="worker-group" data-open={open}>
        {name} <span className="hint">{counted(workers.length, 'worker')}</span>
      </strong>
    ),
    value: ({ name }) => name,
  },
  {
    id: 'running',
    header: 'Running',
    width: 88,
    align: 'right',
    of: (worker) => (
      <TasksLink q={`worker:${filterValue(worker.name)} and state:STARTED`}>
        <Count value={busyOf(worker)} why="The engine does not tell who runs what" />
      </TasksLink>
    ),
    ofGroup: ({ workers }) => <Count value={sum(workers.filter(UP).map(busyOf))} why="One of them does not tell" />,
    value: busyOf,
  },
  {
    id: 'status',
    header: 'Status',
    width: 96,
    of: ({ status }) => <WorkerStatusBadge status={status} />,
    ofGroup: ({ workers }) => `${workers.filter(UP).length} up`,
    value: ({ status }) => status,
  },
  {
    id: 'pool',
    header: 'Pool',
    width: 72,
    align: 'right',
    priority: 2,
    of: ({ pool }) => <Count value={pool.max_concurrency} why={NO_AGENT} />,
    ofGroup: ({ workers }) => (
      <Count value={sum(workers.filter(UP).map(({ pool }) => pool.max_concurrency))} why="One of them does not tell" />
    ),
    value: ({ pool }) => pool.max_concurrency,
  },
  {
    id: 'processed',
    header: 'Processed',
    width: 100,
    align: 'right',
    priority: 2,
    of: (worker) => (
      <TasksLink q={`worker:${filterValue(worker.name)}`} title="Attempts finished since it started">
        <Count value={worker.processed} />
      </TasksLink>
    ),
    ofGroup: ({ workers }) => (
      <Count value={sum(workers.map(({ processed }) => processed))} why="One of them does not tell" />
    ),
    value: ({ processed }) => processed,
  },
  {
    id: 'queues',
    header: 'Queues',
    width: 140,
    priority: 2,
    of: ({ queues }) => (queues === null ? <Unknown why="It has not told" /> : queues.join(', ') || 'none'),
    value: ({ queues }) => queues?.join(', ') ?? null,
  },
  {
    id: 'prefetched',
    header: 'Prefetched',
    width: 100,
    align: 'right',
    priority: 4,
    of: ({ prefetch_count }) => <Count value={prefetch_count} />,
    value: ({ prefetch_count }) => prefetch_count,
  },
  {
    id: 'cpu',
    header: 'CPU',
    width: 84,
    align: 'right',
    priority: 3,
    of: ({ resources }) =>
      resources === null ? <Unknown why={NO_AGENT} /> : `${Math.round(resources.cpu_percent)}\u202f%`,
    value: ({ resources }) => resources?.cpu_percent ?? null,
  },
  {
    id: 'memory',
    header: 'Memory',
    width: 96,
    align: 'right',
    priority: 3,
    of: ({ resources }) => <Bytes value={resources?.memory_bytes} why={NO_AGENT} />,
    value: ({ resources }) => resources?.memory_bytes ?? null,
  },
  {
    id: 'uptime',
    header: 'Uptime',
    width: 96,
    align: 'right',
    priority: 3,
    of: ({ uptime_seconds }) => <Duration value={uptime_seconds} />,
    value: ({ uptime_seconds }) => uptime_seconds,
  },
  {
    id: 'seen',
    header: 'Seen',
    width: 88,
    align: 'right',
    priority: 2,
    of: ({ last_seen_at }) => <Time at={last_seen_at} />,
    value: ({ last_seen_at }) => (last_seen_at === null ? null : Date.parse(last_seen_at)),
  },
  {
    id: 'source',
    header: 'Source',
    width: 110,
    priority: 3,
    of: ({ source }) => source,
    value: ({ source }) => source,
  },
  {
    id: 'engine',
    header: 'Software',
    width: 120,
    priority: 4,
    of: ({ software, engine }) => software ?? engine,
    value: ({ software, engine }) => software ?? engine,
  },
  {
    id: 'host',
    header: 'Host',
    width: 120,
    priority: 4,
    of: ({ host }) => host ?? <Unknown why="It has not told" />,
    value: ({ host }) => host,
  },
  {
    id: 'pid',
    header: 'Process',
    width: 80,
    align: 'right',
    priority: 4,
    of: ({ pid }) => pid ?? <Unknown why="It has not told" />,
    value: ({ pid }) => pid,
  },
];

/** Every column serves both kinds of row; the page sorts, because only it keeps groups together. */
export const COLUMNS: readonly Column<Row>[] = KNOWN.map(({ of, ofGroup, value, ...column }) => ({
  ...column,
  sortable: value !== undefined,
  cell: (row) => (row.kind === 'worker' ? of(row.worker) : (ofGroup?.(row) ?? null)),
}));

export function sortValueOf(column: string): SortValue | undefined {
  return KNOWN.find(({ id }) => id === column)?.value;
}

function busyOf({ active_tasks, pool }: Worker): number | null {
  return pool.busy_workers ?? active_tasks?.length ?? null;
}
