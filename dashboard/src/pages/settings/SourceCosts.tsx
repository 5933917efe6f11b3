import { useSources } from '../../api/queries.js';
import { Bytes, Count, Duration } from '../../components/Numbers.js';
import { Answered } from '../../components/PageState.js';
import { Panel } from '../../components/Panel.js';
import { ShortList } from '../../components/ShortList.js';

/** What watching costs each broker, since the service started. */
export function SourceCosts() {
  const query = useSources();
  return (
    <Panel title="What watching costs the brokers">
      <Answered query={query} rows={3}>
        {({ items }) => (
          <ShortList
            rows={items.map(({ source, location, cost, poll_seconds: poll }) => ({
              key: source,
              name: (
                <>
                  {source} <span className="hint">{location}</span>
                </>
              ),
              facts: (
                <>
                  <Count value={cost.connections} /> connections, <Count value={cost.commands} /> commands,{' '}
                  <Bytes value={cost.bytes_read} /> read, a look takes <Duration value={poll} why="Not looked at yet" />
                </>
              ),
            }))}
          />
        )}
      </Answered>
    </Panel>
  );
}
