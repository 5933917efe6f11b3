import { useParams } from 'react-router';
import { TaskPage } from './TaskPage.js';
import { TasksPage } from './TasksPage.js';

/** The list, or one task at an address of its own. */
export function TasksRoute() {
  const { id } = useParams();
  return id === undefined ? <TasksPage /> : <TaskPage key={id} id={id} />;
}
