import type { ReactNode } from 'react';
import { Sparkline } from '../../charts/Sparkline.js';
import { type Timeseries, valuesOf } from '../../charts/use-timeseries.js';
import { Count, Duration, Percent, Rate } from '../../components/Numbers.js';
import { TasksLink } from '../../components/ScopedLink.js';
import type { Tone } from '../../components/State.js';
import { duration } from '../../format/durations.js';
import { useScope } from '../../scope/scope.js';
import { allAway, failedShare, finishedPerSecond } from './judgement.js';
import type { Known, Numbers } from './known.js';

type Values = readonly (number | null)[];

interface Props extends Pick<Known, 'numbers' | 'queues' | 'sources'> {
  readonly trends: Timeseries | undefined;
}

/** Throughput, failures, waiting, run time and backlog, each with how it went over the chosen time. */
export function Figures({ numbers, queues, sources, trends }: Props) {
  const away = allAway(sources);
  const throughput = away ? null : finishedPerSecond(numbers.per_task);
  const failed = failedShare(numbers.per_task);
  const waits = valuesOf(trends, 'wait_p95');
  const ages = (queues?.queues ?? []).flatMap(({ oldest_waiting_seconds: age }) => (age === null ? [] : [age]));
  const oldest = ages.length === 0 ? null : `oldest ${duration(Math.max(...ages))}`;
  return (
    <dl className="figures">
      <Figure name="throughput" tone="running" values={sumOf(trends, ENDS)} more={busy(numbers)}>
        <TasksLink q="finished:>-1m">
          <Rate value={throughput} why={NOBODY_ANSWERS} />
        </TasksLink>
      </Figure>
      <Figure name="failures, last minute" tone="failure" values={failuresOf(trends)}>
        <TasksLink q="state:FAILURE and finished:>-1m">
          <Percent value={failed} why="Nothing finished in the last minute" />
        </TasksLink>
      </Figure>
      <Figure name="wait p95" tone="retry" values={waits}>
        {trends === undefined ? '…' : <Duration value={lastOf(waits)} why="No wait has been measured in this time" />}
      </Figure>
      <Figure name="run time p95" tone="unknown" values={valuesOf(trends, 'run_p95')}>
        <Duration value={numbers.duration_seconds?.p95 ?? null} why="No run time has been measured lately" />
      </Figure>
      <Figure name="backlog" tone="reserved" values={valuesOf(trends, 'queue_length')} more={oldest}>
        <TasksLink q="state:PENDING">
          <Count value={away ? null : numbers.queues.length} why={NOBODY_ANSWERS} />
        </TasksLink>
      </Figure>
    </dl>
  );
}

const NOBODY_ANSWERS = 'No source answers';
const ENDS = ['succeeded', 'failed', 'retried', 'revoked'];

/** Step by step; null where nothing of it is known. */
function sumOf(trends: Timeseries | undefined, metrics: readonly string[]): Values {
  const lines = metrics.map((metric) => valuesOf(trends, metric));
  return (lines[0] ?? []).map((_, at) => {
    const known = lines.flatMap((line) => line[at] ?? []);
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
  });
}

function failuresOf(trends: Timeseries | undefined): Values {
  const all = sumOf(trends, ENDS);
  return valuesOf(trends, 'failed').map((failed, at) => {
    const ended = all[at] ?? null;
    return failed === null || ended === null || ended === 0 ? null : failed / ended;
  });
}

function lastOf(values: Values): number | null {
  return values.findLast((value) => value !== null) ?? null;
}

function busy({ tasks, workers }: Numbers): string | null {
  const { active } = tasks;
  if (active === null || workers.pool_size === null || workers.pool_size === 0) return null;
  return `${active} of ${workers.pool_size} places busy`;
}

interface FigureProps {
  readonly name: string;
  readonly tone: Tone;
  readonly values: Values;
  readonly more?: string | null;
  readonly children: ReactNode;
}

function Figure({ name, tone, values, more = null, children }: FigureProps) {
  const { range } = useScope();
  // What was not watched yet takes no room.
  const known = values.slice(values.findIndex((value) => value !== null));
  return (
    <div className="figure">
      <dt>{name}</dt>
      <dd>
        <span className="figure-value">{children}</span>
        {more !== null && <span className="hint">{more}</span>}
      </dd>
      <dd className="figure-line">
        {known.some((value) => value !== null) && (
          <Sparkline values={known} tone={tone} label={`${name}, the last ${range}`} />
        )}
      </dd>
    </div>
  );
}
