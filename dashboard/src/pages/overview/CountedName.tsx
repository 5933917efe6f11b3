import { filterValue, TasksLink } from '../../components/ScopedLink.js';
import { Unknown } from '../../components/Unknown.js';

/** Under which statistics count tasks whose name was never told. */
const UNKNOWN = '__unknown__';

/** A name that statistics are told of, with a link to its tasks; `and` narrows them down. */
export function CountedName({ name, and = '' }: { readonly name: string; readonly and?: string }) {
  if (name === UNKNOWN) return <Unknown why="No event has told the name of these tasks" word="unknown name" />;
  return <TasksLink q={`name:${filterValue(name)}${and}`}>{name}</TasksLink>;
}
