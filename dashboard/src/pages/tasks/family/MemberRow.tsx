import { ScopedLink, taskPath } from '../../../components/ScopedLink.js';
import { TASK_STATE, TaskStateBadge } from '../../../components/State.js';
import { Unknown } from '../../../components/Unknown.js';
import { duration } from '../../../format/durations.js';
import { type Layout, type Member, ranOf } from './family-layout.js';

/** Deeper generations are not moved further to the right: on a phone nothing would be left of their names. */
const DEEPEST = 8;

interface Props {
  readonly member: Member;
  readonly source: string;
  /** The task that is looked at. */
  readonly own: string;
  readonly layout: Layout | null;
}

/** One task of a family: its place in the tree, its state, and when it waited and ran. */
export function MemberRow({ member, source, own, layout }: Props) {
  const { task, task_id: id, depth, critical } = member;
  return (
    <li data-critical={critical || undefined} aria-current={id === own ? 'true' : undefined}>
      <span className="family-name" style={{ '--depth': Math.min(depth, DEEPEST) }}>
        <ScopedLink to={taskPath(id)} with={{ source }} title={id}>
          {task?.task_name ?? id}
        </ScopedLink>
        {id === own && <span className="hint"> this one</span>}
        {critical && <span className="visually-hidden">, decided how long all took</span>}
      </span>
      <span className="family-state">
        {task === null ? (
          <Unknown why="Nobody keeps this task any more" word="not kept" />
        ) : (
          <TaskStateBadge state={task.state} />
        )}
      </span>
      {task !== null && layout !== null && <Bars task={task} layout={layout} />}
    </li>
  );
}

/** Thin while it waited, thick while it ran. */
function Bars({ task, layout }: { readonly task: NonNullable<Member['task']>; readonly layout: Layout }) {
  const ran = ranOf(task, layout.now);
  const sent = task.sent_at === null ? null : Date.parse(task.sent_at);
  const until = ran?.from ?? (task.finished_at === null ? layout.now : Date.parse(task.finished_at));
  const words = ran === null ? 'has not run' : `ran ${duration((ran.to - ran.from) / 1_000)}`;
  const bar = (from: number, to: number) => ({
    left: layout.place(from),
    right: `calc(100% - ${layout.place(Math.max(from, to))})`,
  });
  return (
    <span className="family-lane" title={words} data-tone={TASK_STATE[task.state].tone}>
      {sent !== null && sent < until && <span className="family-wait" style={bar(sent, until)} />}
      {ran !== null && <span className="family-run" style={bar(ran.from, ran.to)} />}
      <span className="visually-hidden">{words}</span>
    </span>
  );
}
