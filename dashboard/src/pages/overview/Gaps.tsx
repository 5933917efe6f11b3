import { Panel } from '../../components/Panel.js';
import { ShortList } from '../../components/ShortList.js';
import { Time } from '../../components/Time.js';
import { Unknown } from '../../components/Unknown.js';
import { counted } from '../../format/numbers.js';
import type { Numbers } from './known.js';

const SHOWN = 4;

/** Times of which not everything is known: the figures above are exact but for these. */
export function Gaps({ gaps }: { readonly gaps: Numbers['gaps'] }) {
  return (
    <Panel title="Gaps" isEmpty={gaps.count === 0} nothing="Nothing was missed: every count is exact.">
      <ShortList
        rows={gaps.items.slice(0, SHOWN).map((gap) => ({
          key: String(gap.number),
          name: (
            <>
              {gap.reason}, {gap.queue ?? gap.source}
            </>
          ),
          facts: (
            <>
              {gap.missed === null ? (
                <>
                  missed <Unknown why="Nobody can tell how many" />
                </>
              ) : (
                `at most ${counted(gap.missed, 'attempt')} missed`
              )}
              , until <Time at={gap.to} why="It lasts" />
            </>
          ),
        }))}
      />
    </Panel>
  );
}
