import { useQueues, useSources, useSummary, useWorkers } from '../../api/queries.js';
import { useTimeseries } from '../../charts/use-timeseries.js';
import { Answered, Empty } from '../../components/PageState.js';
import { Charts, METRICS } from './Charts.js';
import { FailingNow } from './FailingNow.js';
import { Figures } from './Figures.js';
import { Gaps } from './Gaps.js';
import { QueuesBehind } from './QueuesBehind.js';
import { SlowNames } from './SlowNames.js';
import { Sources } from './Sources.js';
import { Verdict } from './Verdict.js';
import { WhatChanged } from './WhatChanged.js';
import { WorkersUnwell } from './WorkersUnwell.js';
import './overview.css';

/** The answer first: one sentence, five figures, then what is wrong, each with the way down to its cause. */
export function OverviewPage() {
  const summary = useSummary();
  const queues = useQueues();
  const workers = useWorkers();
  const sources = useSources();
  const trends = useTimeseries(METRICS);

  return (
    <>
      <h1 className="visually-hidden">Overview</h1>
      <Answered query={summary} rows={10}>
        {(numbers) => {
          const known = { numbers, queues: queues.data, workers: workers.data, sources: sources.data };
          if (sources.data?.total === 0) return <NothingWatched />;
          return (
            <div className="overview">
              <Verdict {...known} />
              <Figures numbers={numbers} queues={queues.data} sources={sources.data} trends={trends.data} />
              <Charts query={trends} workers={workers.data} />
              <div className="panels">
                <QueuesBehind queues={queues.data} />
                <FailingNow names={numbers.per_task} />
                <SlowNames names={numbers.per_task} />
                <WorkersUnwell workers={workers.data} />
                <WhatChanged workers={workers.data} sources={sources.data} />
                <Sources sources={sources.data} />
                <Gaps gaps={numbers.gaps} />
              </div>
            </div>
          );
        }}
      </Answered>
    </>
  );
}

function NothingWatched() {
  return (
    <Empty title="No broker tells anything yet" command="npx taskscope redis://localhost:6379/0">
      <p>Here stands how all sources are, once one is known. Start the service with the URL of a broker:</p>
    </Empty>
  );
}
