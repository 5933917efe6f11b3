import type { TaskState } from '../../api/model.js';
import { Duration } from '../../components/Numbers.js';
import { filterValue, TasksLink } from '../../components/ScopedLink.js';
import { TASK_STATE } from '../../components/State.js';
import { TaskName } from '../../components/TaskName.js';
import { counted } from '../../format/numbers.js';
import type { Bar, View } from './bars.js';
import { inOrder, type Layout } from './lanes.js';

const STATES: readonly TaskState[] = ['STARTED', 'SUCCESS', 'RETRY', 'FAILURE', 'REVOKED', 'REJECTED', 'LOST'];
const LONGEST = 5;

interface Props {
  readonly layout: Layout;
  readonly view: View;
  readonly now: number;
}

/** The same as the picture in words: who ran how many in which states, and what ran longest. Of what is in view. */
export function AsText({ layout, view, now }: Props) {
  const seen = (bar: Bar) => bar.from <= view.to && (bar.to ?? now) >= view.from;
  const size = (bar: Bar) => (bar.to ?? now) - bar.from;
  const longest = inOrder(layout)
    .filter(seen)
    .sort((a, b) => size(b) - size(a))
    .slice(0, LONGEST);
  return (
    <div className="timeline-text">
      <table>
        <caption>By worker, of what is in view</caption>
        <thead>
          <tr>
            <th scope="col">Worker</th>
            {STATES.map((state) => (
              <th key={state} scope="col">
                {TASK_STATE[state].word}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {layout.lanes.map(({ name, rows }) => {
            const own = rows.flat().filter(seen);
            return (
              <tr key={name}>
                <th scope="row">
                  <TasksLink q={`worker:${filterValue(name)}`}>{name}</TasksLink>
                </th>
                {STATES.map((state) => (
                  <td key={state}>{own.filter((bar) => bar.state === state).length}</td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
      <div>
        <h2>Longest, of what is in view</h2>
        <ol>
          {longest.map((bar) => (
            <li key={`${bar.source} ${bar.id}`}>
              <TaskName task={{ task_id: bar.id, task_name: bar.name, source: bar.source }} />{' '}
              <Duration value={size(bar) / 1_000} />{' '}
              <span className="hint">
                {TASK_STATE[bar.state].word}, {bar.lane}
              </span>
            </li>
          ))}
        </ol>
        {longest.length === 0 && <p className="hint">{counted(0, 'task')}</p>}
      </div>
    </div>
  );
}
