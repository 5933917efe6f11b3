import { TimeChart } from '../../charts/TimeChart.js';
import { chartOf, useTimeseries } from '../../charts/use-timeseries.js';
import { Answered } from '../../components/PageState.js';
import { duration } from '../../format/durations.js';
import { rate } from '../../format/numbers.js';

/** From the top of the stack to its floor: what is rare and matters lies on top. */
const OUTCOMES = [
  { metric: 'failed', label: 'failed', tone: 'failure' },
  { metric: 'revoked', label: 'revoked', tone: 'revoked' },
  { metric: 'retried', label: 'to be retried', tone: 'retry' },
  { metric: 'succeeded', label: 'succeeded', tone: 'success' },
] as const;

const TIMES = [
  { metric: 'run_p95', label: 'run p95', tone: 'running' },
  { metric: 'run_p50', label: 'run p50', tone: 'reserved' },
  { metric: 'wait_p95', label: 'wait p95', tone: 'retry' },
  { metric: 'wait_p50', label: 'wait p50', tone: 'unknown' },
] as const;

const METRICS = [...OUTCOMES, ...TIMES].map(({ metric }) => metric);

/** What ended how, and how long things took, under one crosshair. */
export function Charts() {
  const query = useTimeseries(METRICS);
  return (
    <div className="panels">
      <Answered query={query} rows={6}>
        {(answer) => (
          <>
            <TimeChart title="Attempts ended" data={chartOf(answer, OUTCOMES)} format={rate} stacked group="overview" />
            <TimeChart title="Run and wait times" data={chartOf(answer, TIMES)} format={duration} group="overview" />
          </>
        )}
      </Answered>
    </div>
  );
}
