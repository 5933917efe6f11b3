import { TimeChart } from '../../charts/TimeChart.js';
import { useMarkers } from '../../charts/use-markers.js';
import { chartOf, type useTimeseries } from '../../charts/use-timeseries.js';
import { Answered } from '../../components/PageState.js';
import { duration } from '../../format/durations.js';
import { count, rate } from '../../format/numbers.js';
import type { Workers } from './known.js';

/** From the top of the stack to its floor: what is rare and matters lies on top. */
const OUTCOMES = [
  { metric: 'failed', label: 'failed', tone: 'failure' },
  { metric: 'revoked', label: 'revoked', tone: 'revoked' },
  { metric: 'retried', label: 'to be retried', tone: 'retry' },
  { metric: 'succeeded', label: 'succeeded', tone: 'success' },
] as const;

const BACKLOG = [{ metric: 'queue_length', label: 'waiting', tone: 'reserved' }] as const;

const RUNS = [
  { metric: 'run_p95', label: 'p95', tone: 'running' },
  { metric: 'run_p50', label: 'half below', tone: 'unknown' },
] as const;

/** Apart from the runs: a queue that is behind would flatten them. */
const WAITS = [
  { metric: 'wait_p95', label: 'p95', tone: 'retry' },
  { metric: 'wait_p50', label: 'half below', tone: 'unknown' },
] as const;

/** What the figures and the charts of this page show, asked for in one go. */
export const METRICS: readonly string[] = [OUTCOMES, BACKLOG, RUNS, WAITS].flatMap((lines) =>
  lines.map(({ metric }) => metric),
);

interface Props {
  readonly query: ReturnType<typeof useTimeseries>;
  readonly workers: Workers | undefined;
}

/** What ended how, and how long things took, under one crosshair. */
export function Charts({ query, workers }: Props) {
  const markers = useMarkers(workers?.workers);
  if (query.data === undefined && query.error === null) return <Places />;
  return (
    <div className="panels">
      <Answered query={query}>
        {(answer) => (
          <>
            <TimeChart
              title="Attempts ended"
              data={chartOf(answer, OUTCOMES, markers)}
              format={rate}
              stacked
              group="overview"
            />
            <TimeChart title="Backlog" data={chartOf(answer, BACKLOG, markers)} format={count} whole group="overview" />
            <TimeChart title="Run times" data={chartOf(answer, RUNS, markers)} format={duration} group="overview" />
            <TimeChart title="Waits" data={chartOf(answer, WAITS, markers)} format={duration} group="overview" />
          </>
        )}
      </Answered>
    </div>
  );
}

/** Room for what is being asked for: nothing below moves when it comes. */
function Places() {
  return (
    <div className="panels" role="status" aria-label="Loading">
      {['ended', 'backlog', 'runs', 'waits'].map((chart) => (
        <div key={chart} className="chart-place" />
      ))}
    </div>
  );
}
