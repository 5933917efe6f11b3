import type { TaskDetail } from '../../api/model.js';
import { Duration } from '../../components/Numbers.js';
import { Badge, type Tone } from '../../components/State.js';
import { Time } from '../../components/Time.js';

type Attempt = TaskDetail['attempt_history'][number];

const LOOK = {
  success: { word: 'succeeded', tone: 'success', icon: 'check' },
  failure: { word: 'failed', tone: 'failure', icon: 'cross' },
  retry: { word: 'to be retried', tone: 'retry', icon: 'retry' },
  revoked: { word: 'revoked', tone: 'revoked', icon: 'slash' },
  rejected: { word: 'rejected', tone: 'revoked', icon: 'slash' },
} as const satisfies Record<NonNullable<Attempt['outcome']>, object>;

const RUNNING = { word: 'running', tone: 'running', icon: 'play' } as const;

/** Every attempt on one scale of time, from when the task was sent, and what else is known to have happened. */
export function Attempts({ task }: { readonly task: TaskDetail }) {
  const { attempt_history: attempts, timeline } = task;
  if (attempts.length === 0 && timeline.length === 0) return null;
  const times = [task.sent_at, ...attempts.flatMap((one) => [one.started_at, one.ended_at])].flatMap((at) =>
    at === null ? [] : [Date.parse(at)],
  );
  const from = Math.min(...times);
  // What still runs reaches to the end.
  const to = Math.max(...times, attempts.some((one) => one.outcome === null) ? Date.now() : from, from + 1);

  return (
    <section>
      <h3>Attempts</h3>
      <ol className="attempts">
        {attempts.map((attempt) => (
          <li key={attempt.number}>
            <div className="attempt-words">
              <span>{attempt.number}</span>
              <Badge {...(attempt.outcome === null ? RUNNING : LOOK[attempt.outcome])} />
              <Duration value={secondsOf(attempt)} why="Its start, or its end, was not heard of" />
              <span className="hint">{attempt.worker}</span>
            </div>
            <Bar attempt={attempt} from={from} to={to} />
            {attempt.error !== null && (
              <p className="attempt-error">
                <strong>{attempt.error.type}</strong> {attempt.error.message}
              </p>
            )}
          </li>
        ))}
      </ol>
      <ol className="happened">
        {timeline.map((entry, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the order is all that tells two of one kind apart
          <li key={`${at} ${entry.what}`}>
            <Time at={entry.at} as="clock" /> {entry.what}
            {entry.attempt !== null && <span className="hint"> attempt {entry.attempt}</span>}
            {entry.worker !== null && <span className="hint"> on {entry.worker}</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Bar({ attempt, from, to }: { readonly attempt: Attempt; readonly from: number; readonly to: number }) {
  if (attempt.started_at === null) return null;
  const start = Date.parse(attempt.started_at);
  const end = attempt.ended_at === null ? to : Date.parse(attempt.ended_at);
  const share = (at: number) => `${(((at - from) / (to - from)) * 100).toFixed(2)}%`;
  const tone: Tone = attempt.outcome === null ? 'running' : LOOK[attempt.outcome].tone;
  return (
    <div className="attempt-lane" aria-hidden="true">
      <div
        className="attempt-bar"
        data-tone={tone}
        style={{ left: share(start), right: `calc(100% - ${share(end)})` }}
      />
    </div>
  );
}

function secondsOf({ started_at: start, ended_at: end }: Attempt): number | null {
  return start === null || end === null ? null : (Date.parse(end) - Date.parse(start)) / 1_000;
}
