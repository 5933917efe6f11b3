import { Loading } from '../../components/PageState.js';
import { Panel } from '../../components/Panel.js';
import { ScopedLink } from '../../components/ScopedLink.js';
import { ShortList } from '../../components/ShortList.js';
import { WorkerStatusBadge } from '../../components/State.js';
import { Time } from '../../components/Time.js';
import { counted } from '../../format/numbers.js';
import type { Workers } from './known.js';

const SHOWN = 6;

export function WorkersUnwell({ workers }: { readonly workers: Workers | undefined }) {
  const unwell = (workers?.workers ?? []).filter(({ status }) => status !== 'online').slice(0, SHOWN);
  return (
    <Panel
      title="Workers unwell"
      isEmpty={workers !== undefined && unwell.length === 0}
      nothing={
        workers?.total_workers === 0
          ? 'No worker has been seen.'
          : `All ${counted(workers?.workers_up ?? 0, 'worker')} online.`
      }
    >
      {workers === undefined ? (
        <Loading rows={3} />
      ) : (
        <ShortList
          rows={unwell.map((worker) => ({
            key: `${worker.source} ${worker.name}`,
            name: (
              <ScopedLink to={`/workers/${encodeURIComponent(worker.name)}`} with={{ in: worker.source }}>
                {worker.name}
              </ScopedLink>
            ),
            facts: (
              <>
                <WorkerStatusBadge status={worker.status} /> seen <Time at={worker.last_seen_at} />
              </>
            ),
          }))}
        />
      )}
    </Panel>
  );
}
