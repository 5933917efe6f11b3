import type { Schedule } from '../../api/model.js';
import { ActionButton } from '../../components/ActionButton.js';
import { Count } from '../../components/Numbers.js';
import { filterValue, ScopedLink, TasksLink } from '../../components/ScopedLink.js';
import { Badge } from '../../components/State.js';
import { Time } from '../../components/Time.js';
import type { Column } from '../../components/table-columns.js';
import { Unknown } from '../../components/Unknown.js';
import { duration } from '../../format/durations.js';
import { ACTIONS, type ActionId } from './actions.js';

/** `0 3 * * *, Europe/Berlin` or `every 5 m`. */
export function rhythm({ cron, every_seconds, time_zone, told }: Schedule): string {
  if (cron !== null) return time_zone === null ? cron : `${cron}, ${time_zone}`;
  return every_seconds === null ? (told ?? 'not told') : `every ${duration(every_seconds)}`;
}

const ONLY_BEAT = 'Only the beat that runs it knows';
const FROM_LAST = 'An interval counts from the last run, which only the beat that runs it knows';

export function QueueOf({ queue, source }: Pick<Schedule, 'queue' | 'source'>) {
  if (queue === null) return <Unknown why="Its entry names none: where it goes is decided when it is sent" />;
  return (
    <ScopedLink to={`/queues/${encodeURIComponent(queue)}`} with={{ in: source }}>
      {queue}
    </ScopedLink>
  );
}

export function columnsWith(onAct: (schedule: Schedule, action: ActionId) => void): readonly Column<Schedule>[] {
  return [
    {
      id: 'name',
      header: 'Task',
      width: 110,
      grow: true,
      cell: ({ name, key }) => (
        <TasksLink q={`name:${filterValue(name)}`} title={key}>
          {name}
        </TasksLink>
      ),
      sortValue: ({ name }) => name,
    },
    {
      id: 'rhythm',
      header: 'Repeats',
      width: 120,
      cell: (schedule) => (
        <span className="mono" title={rhythm(schedule)}>
          {rhythm(schedule)}
        </span>
      ),
      sortValue: rhythm,
    },
    {
      id: 'next',
      header: 'Next run',
      width: 96,
      cell: ({ missed, next_at, kept_in }) =>
        missed === true ? (
          <Badge
            word="missed"
            tone="failure"
            icon="cross"
            title="Overdue, and nothing stands for it: it will never run again by itself"
          />
        ) : (
          <Time at={next_at} why={kept_in === 'broker' ? 'No next run is known' : FROM_LAST} />
        ),
      sortValue: ({ next_at }) => (next_at === null ? null : Date.parse(next_at)),
    },
    {
      id: 'last',
      header: 'Last run',
      width: 96,
      priority: 2,
      cell: ({ last_at, kept_in }) => (
        <Time at={last_at} why={kept_in === 'broker' ? 'It has not run yet, or nothing tells' : ONLY_BEAT} />
      ),
      sortValue: ({ last_at }) => (last_at === null ? null : Date.parse(last_at)),
    },
    {
      id: 'missed',
      header: 'Missed runs',
      width: 108,
      align: 'right',
      priority: 3,
      cell: ({ missed_runs, kept_in }) => (
        <Count
          value={missed_runs}
          why={kept_in === 'broker' ? 'The runs of a cron expression are not counted' : ONLY_BEAT}
        />
      ),
      sortValue: ({ missed_runs }) => missed_runs,
    },
    {
      id: 'queue',
      header: 'Queue',
      width: 120,
      priority: 2,
      cell: ({ queue, source }) => <QueueOf queue={queue} source={source} />,
      sortValue: ({ queue }) => queue,
    },
    {
      id: 'source',
      header: 'Source',
      width: 100,
      priority: 3,
      cell: ({ source }) => <span title={source}>{source}</span>,
      sortValue: ({ source }) => source,
    },
    {
      id: 'actions',
      header: 'Actions',
      width: 256,
      priority: 3,
      cell: (schedule) => (
        <span className="schedule-actions">
          {ACTIONS.filter(({ needs }) => schedule.capabilities.includes(needs)).map(({ id, label, operation }) => (
            <ActionButton key={id} operation={operation} className="button small" onClick={() => onAct(schedule, id)}>
              {label} …
            </ActionButton>
          ))}
        </span>
      ),
    },
  ];
}
