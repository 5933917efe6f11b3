import type { ReactNode } from 'react';
import type { Worker } from '../../api/model.js';
import { Sparkline } from '../../charts/Sparkline.js';
import { useRecent } from '../../charts/use-recent.js';
import { Facts } from '../../components/Facts.js';
import { Bytes, Count } from '../../components/Numbers.js';
import { Panel } from '../../components/Panel.js';
import { Time } from '../../components/Time.js';
import { Unknown } from '../../components/Unknown.js';

/** What it uses, and how that has changed since the page was opened. */
export function WorkerTrends({ worker, at }: { readonly worker: Worker; readonly at: string }) {
  const { resources } = worker;
  const busy = worker.pool.busy_workers ?? worker.active_tasks?.length ?? null;
  const cpu = resources?.cpu_percent ?? null;
  const why = 'Celery tells it of prefork pools; of Bull and BullMQ the agent does';
  return (
    <Panel title="Resources" more={<span className="hint">since this page was opened</span>}>
      <dl>
        <Trend name="Running" of={worker} what="busy" value={busy} at={at}>
          <Count value={busy} />
        </Trend>
        <Trend name="CPU" of={worker} what="cpu" value={cpu} at={at}>
          {cpu === null ? <Unknown why={why} /> : `${Math.round(cpu)}\u202f%`}
        </Trend>
        <Trend name="Memory" of={worker} what="memory" value={resources?.memory_bytes ?? null} at={at}>
          <Bytes value={resources?.memory_bytes} why={why} />
        </Trend>
      </dl>
      {resources !== null && (
        <Facts
          facts={[
            { name: 'Processes', value: <Count value={resources.process_count} /> },
            { name: 'Read from disk', value: <Bytes value={resources.disk_read_bytes} /> },
            { name: 'Written to disk', value: <Bytes value={resources.disk_write_bytes} /> },
            { name: 'Measured', value: <Time at={resources.measured_at} /> },
          ]}
        />
      )}
    </Panel>
  );
}

interface TrendProps {
  readonly name: string;
  readonly of: Worker;
  readonly what: string;
  readonly value: number | null;
  readonly at: string;
  readonly children: ReactNode;
}

function Trend({ name, of, what, value, at, children }: TrendProps) {
  const values = useRecent(`worker ${of.source} ${of.name} ${what}`, value, at);
  return (
    <div className="trend">
      <dt>{name}</dt>
      <dd>
        <Sparkline values={values} width={200} label={`${name}, the last ${values.length} looks`} tone="running" />
      </dd>
      <dd>{children}</dd>
    </div>
  );
}
