import type { TaskStatistics } from '../../api/model.js';
import { Count } from '../../components/Numbers.js';
import { Panel } from '../../components/Panel.js';
import { ShortList } from '../../components/ShortList.js';
import { Time } from '../../components/Time.js';
import { CountedName } from './CountedName.js';

const SHOWN = 6;

/** Names whose attempts failed in the last minute, the most first, each with its latest cause. */
export function FailingNow({ names }: { readonly names: readonly TaskStatistics[] }) {
  const failing = names
    .filter(({ failure_rate: failures }) => failures > 0)
    .sort((a, b) => b.failure_rate - a.failure_rate)
    .slice(0, SHOWN);
  return (
    <Panel title="Failing now" isEmpty={failing.length === 0} nothing="Nothing has failed in the last minute.">
      <ShortList
        rows={failing.map((name) => ({
          key: `${name.source} ${name.task_name}`,
          name: <CountedName name={name.task_name} and=" and state:FAILURE" />,
          facts: (
            <>
              <Count value={name.failure_rate} /> in the last minute
              {name.last_failure !== null && (
                <span title={name.last_failure.message ?? undefined}>
                  , {name.last_failure.type ?? 'unknown cause'} <Time at={name.last_failure.at} />
                </span>
              )}
            </>
          ),
        }))}
      />
    </Panel>
  );
}
