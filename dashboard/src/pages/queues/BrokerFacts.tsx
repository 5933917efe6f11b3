import type { Source } from '../../api/model.js';
import { Facts } from '../../components/Facts.js';
import { Bytes, Count, Duration, Percent } from '../../components/Numbers.js';
import { Time } from '../../components/Time.js';
import { Unknown } from '../../components/Unknown.js';

type Broker = NonNullable<Source['broker']>;

const UNTOLD = 'This broker does not tell it over the connection that Taskscope has';

/** What a broker tells of itself, as a server. */
export function BrokerFacts({ broker }: { readonly broker: Broker }) {
  const { clients, memory } = broker;
  return (
    <>
      {broker.warnings.map((warning) => (
        <p key={warning} className="broker-warning" data-tone="retry">
          <strong>Warning:</strong> {warning}
        </p>
      ))}
      <Facts
        facts={[
          { name: 'Version', value: <Version broker={broker} /> },
          { name: 'Up for', value: <Duration value={broker.uptime_seconds} why={UNTOLD} /> },
          { name: 'Memory', value: <Memory memory={memory} /> },
          { name: 'When memory is full', value: memory.eviction_policy ?? <Unknown why={UNTOLD} /> },
          {
            name: 'Clients',
            value: (
              <>
                <Count value={clients.connected} why={UNTOLD} />
                {clients.max !== null && (
                  <>
                    {' '}
                    of <Count value={clients.max} />
                  </>
                )}
                {clients.blocked !== null && (
                  <>
                    , <Count value={clients.blocked} /> waiting
                  </>
                )}
              </>
            ),
          },
          {
            name: 'Commands per second',
            value: <Count value={broker.commands_per_second} why={UNTOLD} />,
          },
          { name: 'On disk', value: <Persistence persistence={broker.persistence} /> },
          ...(broker.replicas === null ? [] : [{ name: 'Replicas', value: <Count value={broker.replicas} /> }]),
        ]}
      />
      <p className="hint">
        Told <Time at={broker.as_of} />
        {broker.servers > 1 && (
          <>
            {' '}
            by <Count value={broker.servers} /> servers, added up
          </>
        )}
      </p>
    </>
  );
}

function Version({ broker: { product, version, role } }: { readonly broker: Broker }) {
  if (product === null && version === null) return <Unknown why={UNTOLD} />;
  return (
    <>
      {[product, version].filter((word) => word !== null).join(' ')}
      {role === 'slave' && ', a replica'}
    </>
  );
}

function Memory({ memory }: { readonly memory: Broker['memory'] }) {
  const { used_bytes: used, peak_bytes: peak, max_bytes: most, system_bytes: system } = memory;
  if (used === null) return <Unknown why={UNTOLD} />;
  return (
    <>
      <Bytes value={used} />
      {most !== null && most > 0 && (
        <>
          {' '}
          of <Bytes value={most} />, <Percent value={used / most} />
        </>
      )}
      {most === 0 && ', no limit'}
      <span className="hint">
        {peak !== null && (
          <>
            , at most <Bytes value={peak} />
          </>
        )}
        {system !== null && (
          <>
            , machine <Bytes value={system} />
          </>
        )}
      </span>
    </>
  );
}

function Persistence({ persistence }: { readonly persistence: Broker['persistence'] }) {
  const { append_only: appends, saved_at: saved, unsaved_changes: unsaved } = persistence;
  if (appends === null && saved === null) return <Unknown why={UNTOLD} />;
  if (appends === true) return 'every write is appended to a file';
  return (
    <>
      whole copy <Time at={saved} why={UNTOLD} />
      {unsaved !== null && (
        <>
          , <Count value={unsaved} /> changes since
        </>
      )}
    </>
  );
}
