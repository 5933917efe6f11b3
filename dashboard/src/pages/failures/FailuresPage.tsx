import { PageHead } from '../../components/PageHead.js';
import { Answered, Empty } from '../../components/PageState.js';
import { counted } from '../../format/numbers.js';
import { Group } from './Group.js';
import { useFailures } from './use-failures.js';
import { usePins } from './use-pins.js';
import './failures.css';

/** What fails, by cause: the most frequent first, what the reader has pinned before it. */
export function FailuresPage() {
  const { query, since } = useFailures();
  const { pinned, toggle } = usePins();
  return (
    <>
      <PageHead title="Failures" beside={<span className="hint">of the last {since}, by cause</span>} />
      <Answered query={query} rows={8}>
        {({ items, failures, causes, complete }) => {
          if (items.length === 0) {
            return (
              <Empty title={`Nothing has failed in the last ${since}`}>
                <p>Failures appear here by their cause, with where and how often they happen.</p>
              </Empty>
            );
          }
          const order = [...items].sort((a, b) => Number(pinned.has(b.signature)) - Number(pinned.has(a.signature)));
          return (
            <>
              <p className="hint" role="status">
                {counted(failures, 'failure')} of {counted(causes, 'cause')}
                {items.length < causes && `, the ${items.length} most frequent shown`}
                {!complete && ', of the latest only: there were too many to look at all'}
              </p>
              <ul className="failure-groups">
                {order.map((group) => (
                  <Group
                    key={group.signature}
                    group={group}
                    pinned={pinned.has(group.signature)}
                    pin={() => toggle(group.signature)}
                  />
                ))}
              </ul>
            </>
          );
        }}
      </Answered>
    </>
  );
}
