import type { Source } from '../../api/model.js';
import { useSources } from '../../api/queries.js';
import { Bytes, Count, Duration } from '../../components/Numbers.js';
import { Badge } from '../../components/State.js';
import { Time } from '../../components/Time.js';
import { counted } from '../../format/numbers.js';
import { useScope } from '../../scope/scope.js';
import { BrokerFacts } from './BrokerFacts.js';

const LOOK = {
  connected: { word: 'connected', tone: 'success', icon: 'check' },
  connecting: { word: 'connecting', tone: 'retry', icon: 'half' },
  disconnected: { word: 'away', tone: 'failure', icon: 'cross' },
} as const satisfies Record<Source['connection'], object>;

/** How the brokers are, and what watching them costs them; folded while nothing is wrong. */
export function Brokers() {
  const { source: only } = useScope();
  const { data } = useSources();
  const sources = (data?.items ?? []).filter(({ source }) => only === null || source === only);
  if (sources.length === 0) return null;
  const away = sources.filter(({ connection }) => connection !== 'connected').length;
  const warnings = sources.reduce((sum, { broker }) => sum + (broker?.warnings.length ?? 0), 0);
  return (
    <details className="brokers" open={away > 0 || warnings > 0}>
      <summary>
        {counted(sources.length, 'broker')},{' '}
        {away === 0 ? 'connected' : <strong className="bad">{away} not connected</strong>}
        {warnings > 0 && (
          <>
            , <strong className="bad">{counted(warnings, 'warning')}</strong>
          </>
        )}
      </summary>
      <div className="brokers-list">
        {sources.map((source) => (
          <Broker key={source.source} source={source} />
        ))}
      </div>
    </details>
  );
}

function Broker({ source }: { readonly source: Source }) {
  const { cost } = source;
  return (
    <div className="broker">
      <p>
        <strong>{source.source}</strong> <Badge {...LOOK[source.connection]} />{' '}
        <span className="hint">{source.engine}</span>
      </p>
      <p className="mono">{source.location}</p>
      {source.problem !== null && <p className="bad">{source.problem}</p>}
      {source.broker !== null && <BrokerFacts broker={source.broker} />}
      <p className="hint">
        Last answer <Time at={source.last_answer_at} why="It has not answered yet" />, a look takes{' '}
        <Duration value={source.poll_seconds} />. Watching costs it {counted(cost.connections, 'connection')},{' '}
        <Count value={cost.commands} /> commands and <Bytes value={cost.bytes_read} /> so far
        {cost.reconnects > 0 && `, with ${counted(cost.reconnects, 'reconnect')}`}.
      </p>
    </div>
  );
}
