import { useMemo, useRef, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { useDeployments } from '../../api/deployments.js';
import { useSummary } from '../../api/queries.js';
import { deploymentMarkers } from '../../charts/use-markers.js';
import { PageHead } from '../../components/PageHead.js';
import { Answered, Empty } from '../../components/PageState.js';
import { count, counted } from '../../format/numbers.js';
import { scopedSearch, useScope } from '../../scope/scope.js';
import { AsText } from './AsText.js';
import type { View } from './bars.js';
import { Chart } from './Chart.js';
import { Legend } from './Legend.js';
import { layoutOf } from './lanes.js';
import { type Bars, MOST_BARS, merged, useBars } from './use-bars.js';
import { useView } from './use-view.js';
import './timeline.css';

/** Which worker ran what when: bars on lanes, over the range of the page. */
export function TimelinePage() {
  const { whole, latest } = useBars();
  return (
    <Answered query={whole} rows={12}>
      {(bars) => <Shown whole={bars} latest={latest.data} />}
    </Answered>
  );
}

function Shown({ whole, latest }: { readonly whole: Bars; readonly latest: Bars | undefined }) {
  const { rangeSeconds } = useScope();
  const navigate = useNavigate();
  const [parameters] = useSearchParams();
  const [inWords, setInWords] = useState(false);
  const legend = useRef<HTMLUListElement>(null);
  const at = latest?.at ?? whole.at;
  const state = useView(at);
  const now = state.whole.to;
  const layout = useMemo(
    () => layoutOf(merged(whole, latest, at - rangeSeconds * 1_000)),
    [whole, latest, at, rangeSeconds],
  );
  const gaps = useGaps(now);
  const deployments = useDeployments();
  const markers = useMemo(() => deploymentMarkers(deployments), [deployments]);
  const total = latest?.total ?? whole.total;

  return (
    <>
      <PageHead
        title="Timeline"
        beside={
          <span className="hint">
            {counted(total, 'task')}
            {!(latest?.exact ?? whole.exact) && ', estimated'}
            {total > MOST_BARS && `, the latest ${count(MOST_BARS)} drawn`}
          </span>
        }
      >
        <div className="timeline-controls" role="group" aria-label="What is shown">
          <button type="button" className="button" aria-label="Earlier" onClick={() => state.step(-1)}>
            ‹
          </button>
          <button type="button" className="button" aria-label="Later" onClick={() => state.step(1)}>
            ›
          </button>
          <button type="button" className="button" aria-label="Closer" onClick={state.closer}>
            +
          </button>
          <button type="button" className="button" aria-label="Farther" onClick={state.farther}>
            −
          </button>
          <button type="button" className="button" disabled={state.following} onClick={state.follow}>
            Whole range
          </button>
        </div>
      </PageHead>
      <Legend from={legend} />
      {layout.lanes.length === 0 ? (
        <Empty title="Nothing ran in this range" command="celery -A your_app worker -E">
          <p>Here is drawn which worker ran what when. Celery tells it with -E; Bull and BullMQ do so by themselves.</p>
        </Empty>
      ) : (
        <>
          <Chart
            layout={layout}
            state={state}
            gaps={gaps}
            markers={markers}
            now={now}
            legend={legend}
            onOpen={({ id, source }) => {
              const search = scopedSearch(parameters, { source });
              void navigate({ pathname: `/tasks/${encodeURIComponent(id)}`, search });
            }}
          />
          <details className="timeline-details" onToggle={(event) => setInWords(event.currentTarget.open)}>
            <summary>As text</summary>
            {inWords && <AsText layout={layout} view={state.view} now={now} />}
          </details>
        </>
      )}
    </>
  );
}

function useGaps(now: number): readonly View[] {
  const { data } = useSummary();
  const items = data?.gaps.items;
  return useMemo(
    () =>
      (items ?? []).flatMap(({ from, to }) =>
        from === null ? [] : [{ from: Date.parse(from), to: to === null ? now : Date.parse(to) }],
      ),
    [items, now],
  );
}
