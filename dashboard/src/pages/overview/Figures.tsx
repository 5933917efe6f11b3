import type { ReactNode } from 'react';
import { Sparkline } from '../../charts/Sparkline.js';
import { useRecent } from '../../charts/use-recent.js';
import { Count, Duration, Percent, Rate } from '../../components/Numbers.js';
import { TasksLink } from '../../components/ScopedLink.js';
import type { Tone } from '../../components/State.js';
import { duration } from '../../format/durations.js';
import { failedShare, finishedPerSecond } from './judgement.js';
import type { Numbers, Queues } from './known.js';

/** Throughput, failures, run time, backlog and workers, each with where it is heading. */
export function Figures({ numbers, queues }: { readonly numbers: Numbers; readonly queues: Queues | undefined }) {
  const throughput = finishedPerSecond(numbers.per_task);
  const failed = failedShare(numbers.per_task);
  const p95 = numbers.duration_seconds?.p95 ?? null;
  const waiting = numbers.queues.length;
  const ages = (queues?.queues ?? []).flatMap(({ oldest_waiting_seconds: age }) => (age === null ? [] : [age]));
  const at = numbers.timestamp;
  return (
    <dl className="figures">
      <Figure name="throughput" tone="running" recent={useRecent('throughput', throughput, at)}>
        <TasksLink q="finished:>-1m">
          <Rate value={throughput} />
        </TasksLink>
      </Figure>
      <Figure name="failures, last minute" tone="failure" recent={useRecent('failures', failed, at)}>
        <TasksLink q="state:FAILURE and finished:>-1m">
          <Percent value={failed} why="Nothing finished in the last minute" />
        </TasksLink>
      </Figure>
      <Figure name="run time p95" tone="unknown" recent={useRecent('p95', p95, at)}>
        <Duration value={p95} why="No run time has been measured lately" />
      </Figure>
      <Figure
        name="backlog"
        tone="reserved"
        recent={useRecent('backlog', waiting, at)}
        more={ages.length === 0 ? null : `oldest ${duration(Math.max(...ages))}`}
      >
        <TasksLink q="state:PENDING">
          <Count value={waiting} />
        </TasksLink>
      </Figure>
      <Figure
        name="running now"
        tone="running"
        recent={useRecent('active', numbers.tasks.active, at)}
        more={busy(numbers)}
      >
        <TasksLink q="state:STARTED">
          <Count value={numbers.tasks.active} />
        </TasksLink>
      </Figure>
    </dl>
  );
}

function busy({ workers }: Numbers): string | null {
  return workers.pool_size === null ? null : `of ${workers.pool_size} places`;
}

interface FigureProps {
  readonly name: string;
  readonly tone: Tone;
  readonly recent: readonly (number | null)[];
  readonly more?: string | null;
  readonly children: ReactNode;
}

function Figure({ name, tone, recent, more = null, children }: FigureProps) {
  return (
    <div className="figure">
      <dt>{name}</dt>
      <dd>
        <span className="figure-value">{children}</span>
        {more !== null && <span className="hint">{more}</span>}
      </dd>
      <dd className="figure-line">
        {recent.length > 1 && <Sparkline values={recent} tone={tone} label={`${name} since this page was opened`} />}
      </dd>
    </div>
  );
}
