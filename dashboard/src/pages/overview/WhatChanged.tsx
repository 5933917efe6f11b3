import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { answered, client } from '../../api/client.js';
import { type Deployment, deploymentName, useDeployments } from '../../api/deployments.js';
import { useFallbackInterval } from '../../api/live.js';
import { useMay } from '../../api/session.js';
import { workerStarts } from '../../charts/worker-starts.js';
import { Loading } from '../../components/PageState.js';
import { Panel } from '../../components/Panel.js';
import { ScopedLink } from '../../components/ScopedLink.js';
import { ShortList } from '../../components/ShortList.js';
import { Time } from '../../components/Time.js';
import { useNow } from '../../scope/now.js';
import { useScope } from '../../scope/scope.js';
import type { Sources, Workers } from './known.js';

const SHOWN = 6;

interface Change {
  readonly key: string;
  readonly at: number;
  readonly words: ReactNode;
}

interface Props {
  readonly workers: Workers | undefined;
  readonly sources: Sources | undefined;
}

/** What is different from before, within the chosen time: what was deployed, workers and brokers that came and went, and what people did here. */
export function WhatChanged({ workers, sources }: Props) {
  const { range, rangeSeconds } = useScope();
  const since = useNow() - rangeSeconds * 1_000;
  const acts = useActs();
  const changes = [...ofWorkers(workers), ...ofSources(sources), ...useDeployed(), ...acts]
    .filter(({ at }) => at >= since)
    .sort((a, b) => b.at - a.at);
  return (
    <Panel
      title="What changed"
      isEmpty={workers !== undefined && changes.length === 0}
      nothing={`Nothing was deployed and no worker came or went in the last ${range}, and nobody changed anything here.`}
      more={changes.length > SHOWN ? <span className="hint">the latest {SHOWN}</span> : undefined}
    >
      {workers === undefined ? (
        <Loading rows={3} />
      ) : (
        <ShortList
          rows={changes.slice(0, SHOWN).map(({ key, at, words }) => ({
            key,
            name: words,
            facts: <Time at={new Date(at).toISOString()} />,
          }))}
        />
      )}
    </Panel>
  );
}

function ofWorkers(workers: Workers | undefined): readonly Change[] {
  const all = workers?.workers ?? [];
  const starts = workerStarts(all).map(({ at, words }) => ({
    key: `start ${at} ${words}`,
    at: at * 1_000,
    words: <ScopedLink to="/workers">{words}</ScopedLink>,
  }));
  const gone = all
    .filter(({ status, last_seen_at }) => (status === 'lost' || status === 'offline') && last_seen_at !== null)
    .map(({ name, source, status, last_seen_at }) => ({
      key: `gone ${source} ${name}`,
      at: Date.parse(last_seen_at ?? ''),
      words: (
        <ScopedLink to={`/workers/${encodeURIComponent(name)}`} with={{ in: source }}>
          Worker {name} {status === 'lost' ? 'was lost' : 'said goodbye'}
        </ScopedLink>
      ),
    }));
  return [...starts, ...gone];
}

function ofSources(sources: Sources | undefined): readonly Change[] {
  return (sources?.items ?? []).flatMap(({ source, connection, since }) =>
    since === null
      ? []
      : [{ key: `source ${source}`, at: Date.parse(since), words: `Source ${source} is ${connection} since` }],
  );
}

/** What pipelines told of. */
function useDeployed(): readonly Change[] {
  return useDeployments().map((deployment) => ({
    key: `deployed ${deployment.id}`,
    at: Date.parse(deployment.at ?? ''),
    words: <Deployed deployment={deployment} />,
  }));
}

function Deployed({ deployment }: { readonly deployment: Deployment }) {
  const { link, who } = deployment;
  const name = deploymentName(deployment);
  return (
    <>
      {link === null ? (
        name
      ) : (
        <a href={link} target="_blank" rel="noreferrer">
          {name}
        </a>
      )}{' '}
      deployed{who !== null && ` by ${who}`}
    </>
  );
}

/** What people did, where the reader may know that. */
function useActs(): readonly Change[] {
  const may = useMay()('view-audit');
  const { data } = useQuery({
    queryKey: ['audit', 'latest'],
    queryFn: ({ signal }) =>
      answered(client.GET('/api/v1/celery/audit', { params: { query: { outcome: 'allowed', limit: SHOWN } }, signal })),
    enabled: may,
    refetchInterval: useFallbackInterval(),
  });
  // Deployments tell of themselves.
  const acts = (data?.items ?? []).filter(({ action }) => action !== 'recordDeployment');
  return acts.map(({ number, at, who, kind, action }) => ({
    key: `act ${number}`,
    at: at === null ? 0 : Date.parse(at),
    words: (
      <ScopedLink to="/audit">
        {who ?? kind ?? 'Somebody'}: {action}
      </ScopedLink>
    ),
  }));
}
