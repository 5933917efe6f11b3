import type { ReactNode } from 'react';
import { useTasksNow } from '../../api/details.js';
import type { TasksStatus, Worker } from '../../api/model.js';
import { Failed, Loading } from '../../components/PageState.js';
import { Panel } from '../../components/Panel.js';
import { filterValue, TasksLink } from '../../components/ScopedLink.js';
import { ShortList } from '../../components/ShortList.js';
import { TaskName } from '../../components/TaskName.js';
import { Time } from '../../components/Time.js';
import { Unknown } from '../../components/Unknown.js';
import { count } from '../../format/numbers.js';

const SHOWN = 10;

interface Listed {
  readonly task_id: string;
  readonly task_name: string | null;
  readonly source: string;
}

/** What the worker runs, what it has taken ahead, and what it holds until its time. */
export function WorkerTasks({ worker }: { readonly worker: Worker }) {
  const { data, error, refetch } = useTasksNow(worker.source);
  const mine = <T extends { readonly worker: string | null }>(tasks: readonly T[]) =>
    tasks.filter((task) => task.worker === worker.name);
  if (data === undefined && error !== null) return <Failed error={error} retry={() => void refetch()} />;
  return (
    <>
      <Listing
        title="Running"
        worker={worker}
        tasks={worker.active_tasks}
        nothing="It runs nothing."
        facts={({ time_start, queue }) => (
          <>
            {queue !== null && `${queue}, `}began{' '}
            <Time at={time_start === null ? null : new Date(time_start * 1000).toISOString()} />
          </>
        )}
      />
      <Later
        title="Reserved"
        data={data}
        known={worker.prefetch_count}
        nothing="It has taken nothing ahead of running it."
        list={(status) => mine(status.reserved_tasks)}
        cut={data?.truncated.reserved_tasks ?? false}
        worker={worker}
        facts={({ queue, sent_at }) => (
          <>
            {queue !== null && `${queue}, `}sent <Time at={sent_at} />
          </>
        )}
      />
      <Later
        title="Scheduled"
        data={data}
        known={null}
        nothing="It holds nothing that waits for a time."
        list={(status) => mine(status.scheduled_tasks)}
        cut={data?.truncated.scheduled_tasks ?? false}
        worker={worker}
        facts={({ eta }) => (
          <>
            due <Time at={eta} />
          </>
        )}
      />
    </>
  );
}

interface LaterProps<T> extends Omit<ListingProps<T>, 'tasks'> {
  readonly data: TasksStatus | undefined;
  readonly known: number | null;
  readonly list: (status: TasksStatus) => readonly T[];
  /** The source holds more than it lists, so that some of these may be missing here. */
  readonly cut: boolean;
}

function Later<T extends Listed>({ data, list, cut, known, ...rest }: LaterProps<T>) {
  if (data === undefined) {
    return (
      <Panel title={rest.title}>
        <Loading rows={2} />
      </Panel>
    );
  }
  const tasks = list(data);
  const engineTells = known !== null || tasks.length > 0 || rest.worker.engine === 'celery';
  return (
    <Listing
      {...rest}
      tasks={engineTells ? tasks : null}
      note={cut ? <Unknown why="The source holds more tasks than it lists here" word="perhaps more" /> : undefined}
    />
  );
}

interface ListingProps<T> {
  readonly title: string;
  readonly worker: Worker;
  readonly tasks: readonly T[] | null;
  readonly nothing: string;
  readonly note?: ReactNode;
  readonly facts: (task: T) => ReactNode;
}

function Listing<T extends Listed>({ title, worker, tasks, nothing, note, facts }: ListingProps<T>) {
  if (tasks === null) {
    return (
      <Panel title={title}>
        <p className="nothing">
          <Unknown why="In this engine tasks wait in the broker, or nobody tells which worker has them" />
        </p>
      </Panel>
    );
  }
  return (
    <Panel
      title={`${title} (${count(tasks.length)})`}
      isEmpty={tasks.length === 0}
      nothing={nothing}
      more={
        tasks.length > SHOWN ? (
          <TasksLink q={`worker:${filterValue(worker.name)}`}>first {SHOWN}, see all</TasksLink>
        ) : (
          note
        )
      }
    >
      <ShortList
        rows={tasks
          .slice(0, SHOWN)
          .map((task) => ({ key: task.task_id, name: <TaskName task={task} />, facts: facts(task) }))}
      />
    </Panel>
  );
}
