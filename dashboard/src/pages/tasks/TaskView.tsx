import type { TaskDetail } from '../../api/model.js';
import { CopyButton } from '../../components/CopyButton.js';
import { JsonTree } from '../../components/JsonTree.js';
import { Answered } from '../../components/PageState.js';
import { TaskStateBadge } from '../../components/State.js';
import { Traceback } from '../../components/Traceback.js';
import { Actions } from './Actions.js';
import { Attempts } from './Attempts.js';
import { Compare, type TaskPlace } from './compare/Compare.js';
import { CompareChoice } from './compare/CompareChoice.js';
import { Facts } from './Facts.js';
import { Family } from './family/Family.js';
import { Logs } from './Logs.js';
import { Progress } from './Progress.js';
import { useTask } from './use-task.js';

interface Props {
  readonly id: string;
  readonly source: string | null;
  /** Another run to lay beside it. */
  readonly against?: TaskPlace | null;
}

/** Everything about one task: the same beside a list and as a page. */
export function TaskView({ id, source, against = null }: Props) {
  const query = useTask(id, source);
  return (
    <Answered query={query} rows={8}>
      {(task) => <Task task={task} against={against} />}
    </Answered>
  );
}

interface TaskProps {
  readonly task: TaskDetail;
  readonly against: TaskPlace | null;
}

function Task({ task, against }: TaskProps) {
  const hidden = !task.payloads_visible;
  return (
    <article className="task">
      <header>
        <h2>{task.task_name ?? 'Unknown name'}</h2>
        <p className="task-id">
          <span className="mono">{task.task_id}</span>
          <CopyButton text={task.task_id} what="the id" />
        </p>
        <p className="task-state">
          <TaskStateBadge state={task.state} />
          <Actions task={task} />
          <CompareChoice task={task} />
        </p>
        <Progress task={task} />
      </header>
      {against !== null && <Compare task={task} against={against} />}
      {task.error !== null && <Traceback error={task.error} traceback={task.traceback ?? null} />}
      <Facts task={task} />
      <Attempts task={task} />
      <Family task={task} />
      {hidden && <p className="hint">You may not see arguments and results.</p>}
      <Payload title="Arguments" value={task.args} what="the arguments" />
      <Payload title="Keyword arguments" value={task.kwargs} what="the keyword arguments" />
      <Payload title="Result" value={task.result} what="the result" />
      <Logs task={task} />
      {!hidden && (
        <details>
          <summary>As the engine keeps it</summary>
          <JsonTree value={task.raw} what="the engine's fields" />
        </details>
      )}
    </article>
  );
}

function Payload({ title, value, what }: { readonly title: string; readonly value: unknown; readonly what: string }) {
  if (value === null || value === undefined) return null;
  return (
    <section>
      <h3>{title}</h3>
      <JsonTree value={value} what={what} />
    </section>
  );
}
