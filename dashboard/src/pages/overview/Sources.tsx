import type { Source } from '../../api/model.js';
import { Loading } from '../../components/PageState.js';
import { Panel } from '../../components/Panel.js';
import { ScopedLink } from '../../components/ScopedLink.js';
import { ShortList } from '../../components/ShortList.js';
import { Badge } from '../../components/State.js';
import { Time } from '../../components/Time.js';
import { counted } from '../../format/numbers.js';
import type { Sources as KnownSources } from './known.js';

const LOOK = {
  connected: { word: 'connected', tone: 'success', icon: 'check' },
  connecting: { word: 'connecting', tone: 'retry', icon: 'half' },
  disconnected: { word: 'away', tone: 'failure', icon: 'cross' },
} as const satisfies Record<Source['connection'], object>;

/** What the broker's own figures warn of is told in full on the page of the queues. */
function Warned({ source: { source, broker } }: { readonly source: Source }) {
  const warnings = broker?.warnings ?? [];
  if (warnings.length === 0) return null;
  return (
    <>
      <ScopedLink to="/queues" with={{ source }} title={warnings.join(' ')} className="bad">
        {counted(warnings.length, 'warning')}
      </ScopedLink>
      ,{' '}
    </>
  );
}

export function Sources({ sources }: { readonly sources: KnownSources | undefined }) {
  if (sources === undefined) {
    return (
      <Panel title="Sources">
        <Loading rows={2} />
      </Panel>
    );
  }
  const known = sources.items.map((source) => ({
    key: source.source,
    name: (
      <ScopedLink to="/" with={{ source: source.source }} title={source.location}>
        {source.source}
      </ScopedLink>
    ),
    facts: (
      <>
        <Warned source={source} />
        <Badge {...LOOK[source.connection]} {...(source.problem === null ? {} : { title: source.problem })} />{' '}
        {source.engine}, looked at <Time at={source.as_of} why="Not looked at yet" />
      </>
    ),
  }));
  const unresolved = sources.unresolved.map((broker) => ({
    key: broker.location,
    name: broker.location,
    facts: broker.problem ?? 'holds nothing of Celery, Bull or BullMQ yet',
  }));
  return (
    <Panel title="Sources">
      <ShortList rows={[...known, ...unresolved]} />
    </Panel>
  );
}
