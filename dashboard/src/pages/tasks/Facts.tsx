import type { ReactNode } from 'react';
import type { TaskDetail } from '../../api/model.js';
import { Count, Duration } from '../../components/Numbers.js';
import { filterValue, TasksLink } from '../../components/ScopedLink.js';
import { Time } from '../../components/Time.js';
import { Unknown } from '../../components/Unknown.js';

/** What is known in short; each name leads to the tasks that share it. */
export function Facts({ task }: { readonly task: TaskDetail }) {
  const waited = between(task.eta ?? task.sent_at, task.attempt_history[0]?.started_at ?? task.started_at);
  return (
    <dl className="task-facts">
      <Fact name="Sent">
        <Time at={task.sent_at} />
      </Fact>
      {task.eta !== null && (
        <Fact name="Not before">
          <Time at={task.eta} />
        </Fact>
      )}
      {task.started_at !== null && (
        <Fact name="Started">
          <Time at={task.started_at} />
        </Fact>
      )}
      {task.finished_at !== null && (
        <Fact name="Finished">
          <Time at={task.finished_at} />
        </Fact>
      )}
      {waited !== null && (
        <Fact name="Waited">
          <Duration value={waited} />
        </Fact>
      )}
      {task.runtime_seconds !== null && (
        <Fact name="Ran">
          <Duration value={task.runtime_seconds} />
        </Fact>
      )}
      <Fact name="Attempts">
        <Count value={task.attempts} />
        {task.max_attempts !== null && <> of {task.max_attempts}</>}
      </Fact>
      <Fact name="Queue">
        {task.queue === null ? (
          <Unknown why="No event has told its queue" />
        ) : (
          <TasksLink q={`queue:${filterValue(task.queue)}`}>{task.queue}</TasksLink>
        )}
      </Fact>
      <Fact name="Worker">
        {task.worker === null ? (
          <Unknown why="The engine does not tell who runs a task, unless its worker carries the agent" />
        ) : (
          <TasksLink q={`worker:${filterValue(task.worker)}`}>{task.worker}</TasksLink>
        )}
      </Fact>
      {task.priority !== null && (
        <Fact name="Priority">
          <Count value={task.priority} />
        </Fact>
      )}
      <Fact name="Source">
        {task.source}, {task.engine}
      </Fact>
      {task.task_name !== null && (
        <Fact name="Like it">
          <TasksLink q={`name:${filterValue(task.task_name)}`}>all of this name</TasksLink>
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Seconds; null where one end is unknown, or the clocks of two machines disagree. */
function between(from: string | null, to: string | null): number | null {
  if (from === null || to === null) return null;
  const seconds = (Date.parse(to) - Date.parse(from)) / 1_000;
  return seconds < 0 ? null : seconds;
}
