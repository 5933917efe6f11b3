import { useMemo } from 'react';
import type { QueueDetail } from '../../api/model.js';
import { useWorkers } from '../../api/queries.js';
import { TimeChart } from '../../charts/TimeChart.js';
import { useMarkers } from '../../charts/use-markers.js';
import { chartOf, useTimeseries } from '../../charts/use-timeseries.js';
import { Answered } from '../../components/PageState.js';
import { duration } from '../../format/durations.js';
import { count, rate } from '../../format/numbers.js';

const DEPTH = [
  { metric: 'queue_delayed', label: 'delayed', tone: 'scheduled' },
  { metric: 'queue_active', label: 'running', tone: 'running' },
  { metric: 'queue_length', label: 'waiting', tone: 'retry' },
] as const;
const FLOW = [
  { metric: 'sent', label: 'sent', tone: 'reserved' },
  { metric: 'finished', label: 'ended', tone: 'success' },
  { metric: 'failed', label: 'failed', tone: 'failure' },
] as const;
const WAITS = [
  { metric: 'wait_p95', label: 'wait p95', tone: 'retry' },
  { metric: 'run_p95', label: 'run p95', tone: 'running' },
] as const;
const METRICS = [...DEPTH, ...FLOW, ...WAITS].map(({ metric }) => metric);

/** How full it was, what came and went, and how long that took, over the chosen time. */
export function QueueTrends({ queue: { name, source } }: { readonly queue: QueueDetail }) {
  const query = useTimeseries(METRICS, { queue: name, source });
  const { data: workers } = useWorkers();
  const own = useMemo(() => workers?.workers.filter((worker) => worker.source === source), [workers, source]);
  const markers = useMarkers(own);
  return (
    <Answered query={query} rows={4}>
      {(answer) => (
        <div className="trends">
          <TimeChart title="In the queue" data={chartOf(answer, DEPTH, markers)} format={count} whole group="queue" />
          <TimeChart title="Came and went" data={chartOf(answer, FLOW, markers)} format={rate} group="queue" />
          <TimeChart
            title="Wait and run times"
            data={chartOf(answer, WAITS, markers)}
            format={duration}
            group="queue"
          />
        </div>
      )}
    </Answered>
  );
}
