import { ScopedLink, taskPath } from './ScopedLink.js';
import { Unknown } from './Unknown.js';

interface Props {
  readonly task: { readonly task_id: string; readonly task_name: string | null; readonly source: string };
}

/** The name of a task, leading to it. */
export function TaskName({ task }: Props) {
  return (
    <ScopedLink to={taskPath(task.task_id)} with={{ source: task.source }} title={task.task_id}>
      {task.task_name ?? <Unknown why="Only the worker that runs it knows its name" word={task.task_id} />}
    </ScopedLink>
  );
}
