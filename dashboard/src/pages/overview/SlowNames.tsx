import type { TaskStatistics } from '../../api/model.js';
import { Duration, Rate } from '../../components/Numbers.js';
import { Panel } from '../../components/Panel.js';
import { ShortList } from '../../components/ShortList.js';
import { CountedName } from './CountedName.js';

const SHOWN = 6;

export function SlowNames({ names }: { readonly names: readonly TaskStatistics[] }) {
  const slow = names
    .flatMap((name) => (name.duration_seconds === null ? [] : [{ name, times: name.duration_seconds }]))
    .sort((a, b) => b.times.p95 - a.times.p95)
    .slice(0, SHOWN);
  return (
    <Panel title="Slow names" isEmpty={slow.length === 0} nothing="No run time has been measured lately.">
      <ShortList
        rows={slow.map(({ name, times }) => ({
          key: `${name.source} ${name.task_name}`,
          name: <CountedName name={name.task_name} />,
          facts: (
            <>
              p95 <Duration value={times.p95} />, half below <Duration value={times.p50} />,{' '}
              <Rate value={name.finished_per_second.last_5m} />
            </>
          ),
        }))}
      />
    </Panel>
  );
}
