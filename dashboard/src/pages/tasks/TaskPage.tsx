import { useSearchParams } from 'react-router';
import { ScopedLink } from '../../components/ScopedLink.js';
import { useScope } from '../../scope/scope.js';
import { TaskView } from './TaskView.js';
import './tasks.css';

/** One task at its own address. */
export function TaskPage({ id }: { readonly id: string }) {
  const { source } = useScope();
  const [parameters] = useSearchParams();
  const against = parameters.get('against');
  return (
    <div className="task-page">
      <h1 className="visually-hidden">Task {id}</h1>
      <p>
        <ScopedLink to="/tasks" className="hint">
          All tasks
        </ScopedLink>
      </p>
      <TaskView
        id={id}
        source={source}
        against={against === null ? null : { id: against, source: parameters.get('beside') }}
      />
    </div>
  );
}
