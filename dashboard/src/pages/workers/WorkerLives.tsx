import { useQuery } from '@tanstack/react-query';
import { answered, client } from '../../api/client.js';
import type { Worker } from '../../api/model.js';
import type { components } from '../../api/schema.js';
import { Panel } from '../../components/Panel.js';
import { ShortList } from '../../components/ShortList.js';
import { Time } from '../../components/Time.js';

type Life = components['schemas']['WorkerLifeDto'];

const LATEST = 20;
const ENDS = { offline: 'said goodbye', lost: 'lost', replaced: 'replaced' } as const;

/** Which processes had this name before the one that has it now, as the history knows them. */
export function WorkerLives({ worker }: { readonly worker: Worker }) {
  const query = useQuery({
    queryKey: ['lives', worker.source, worker.name, worker.started_at],
    queryFn: ({ signal }) =>
      answered(
        client.GET('/api/v1/celery/workers/{name}/lives', {
          params: { path: { name: worker.name }, query: { source: worker.source, limit: LATEST } },
          signal,
        }),
      ),
    staleTime: 60_000,
  });
  const earlier = (query.data?.items ?? []).filter(({ ended }) => ended !== null);
  if (earlier.length === 0) return null;
  return (
    <Panel title="Earlier processes of this name">
      <div className="scrolling">
        <ShortList
          rows={earlier.map((life) => ({
            key: `${life.since} ${life.pid}`,
            name: processOf(life),
            facts: timesOf(life),
          }))}
        />
      </div>
      {query.data?.truncated === true && <p className="hint">and earlier ones</p>}
    </Panel>
  );
}

function processOf({ pid, software }: Life): string {
  return [pid === null ? 'a process' : `pid ${pid}`, ...(software === null ? [] : [software])].join(', ');
}

function timesOf({ since, started_at: started, ended_at: at, ended }: Life) {
  return (
    <>
      <Time at={started ?? since} /> to <Time at={at} />
      {ended !== null && `, ${ENDS[ended]}`}
    </>
  );
}
