import type { ReactNode } from 'react';
import type { TaskDetail } from '../../../api/model.js';
import { Answered } from '../../../components/PageState.js';
import { ScopedLink, taskPath } from '../../../components/ScopedLink.js';
import { TaskStateBadge } from '../../../components/State.js';
import { Time } from '../../../components/Time.js';
import { duration } from '../../../format/durations.js';
import { useTask } from '../use-task.js';
import { differencesOf } from './json-differences.js';
import './compare.css';

/** Two runs beside one another; what differs is marked. */
export function Compare({ task, against }: { readonly task: TaskDetail; readonly against: TaskPlace }) {
  const query = useTask(against.id, against.source);
  return (
    <section aria-label="Comparison">
      <Answered query={query} rows={6}>
        {(other) => <Compared left={task} right={other} />}
      </Answered>
    </section>
  );
}

export interface TaskPlace {
  readonly id: string;
  readonly source: string | null;
}

interface Line {
  readonly name: string;
  readonly of: (task: TaskDetail) => ReactNode;
  /** What is compared where the sight is no text. */
  readonly value?: (task: TaskDetail) => unknown;
}

const unknown = <span className="hint">unknown</span>;
const seconds = (value: number | null) => (value === null ? unknown : duration(value));

const LINES: readonly Line[] = [
  { name: 'State', of: ({ state }) => <TaskStateBadge state={state} />, value: ({ state }) => state },
  { name: 'Name', of: ({ task_name: name }) => name ?? unknown, value: ({ task_name: name }) => name },
  { name: 'Queue', of: ({ queue }) => queue ?? unknown, value: ({ queue }) => queue },
  { name: 'Worker', of: ({ worker }) => worker ?? unknown, value: ({ worker }) => worker },
  { name: 'Sent', of: ({ sent_at: at }) => <Time at={at} as="clock" />, value: () => null },
  { name: 'Waited', of: (task) => seconds(waitedOf(task)), value: () => null },
  { name: 'Ran', of: ({ runtime_seconds: ran }) => seconds(ran), value: () => null },
  { name: 'Attempts', of: ({ attempts }) => attempts ?? unknown },
  {
    name: 'Error',
    of: ({ error }) => (error === null ? 'none' : `${error.type}: ${error.message}`),
  },
];

function Compared({ left, right }: { readonly left: TaskDetail; readonly right: TaskDetail }) {
  const payloads = [
    { title: 'Arguments', differences: differencesOf(left.args, right.args) },
    { title: 'Keyword arguments', differences: differencesOf(left.kwargs, right.kwargs) },
    { title: 'Result', differences: differencesOf(left.result, right.result) },
  ];
  return (
    <div className="compare">
      <table>
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">What</span>
            </th>
            {[left, right].map((task) => (
              <th scope="col" key={`${task.source} ${task.task_id}`}>
                <ScopedLink to={taskPath(task.task_id)} with={{ source: task.source }} className="mono">
                  {task.task_id}
                </ScopedLink>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {LINES.map(({ name, of, value = of }) => {
            const differs = JSON.stringify(value(left)) !== JSON.stringify(value(right));
            return (
              <tr key={name} data-differs={differs || undefined}>
                <th scope="row">{name}</th>
                <td>{of(left)}</td>
                <td>{of(right)}</td>
              </tr>
            );
          })}
          {payloads.map(({ title, differences }) =>
            differences.length === 0 ? (
              <tr key={title}>
                <th scope="row">{title}</th>
                <td colSpan={2} className="hint">
                  {left.payloads_visible && right.payloads_visible ? 'the same' : 'not for you to see'}
                </td>
              </tr>
            ) : (
              differences.map(({ path, left: one, right: other }) => (
                <tr key={`${title} ${path}`} data-differs>
                  <th scope="row">
                    {title} <span className="mono">{path}</span>
                  </th>
                  <td className="mono">{textOf(one)}</td>
                  <td className="mono">{textOf(other)}</td>
                </tr>
              ))
            ),
          )}
        </tbody>
      </table>
    </div>
  );
}

const LONGEST = 600;

function textOf(value: unknown): string {
  if (value === undefined) return 'not there';
  const text = JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)} …` : text;
}

/** Seconds from when it might have run until its first attempt began. */
function waitedOf({ eta, sent_at, started_at, attempt_history: attempts }: TaskDetail): number | null {
  const from = eta ?? sent_at;
  const to = attempts[0]?.started_at ?? started_at;
  return from === null || to === null ? null : Math.max(0, (Date.parse(to) - Date.parse(from)) / 1_000);
}
