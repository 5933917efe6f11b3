import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useScope } from '../scope/scope.js';
import { answered, client } from './client.js';
import type { components } from './schema.js';
import { useSession } from './session.js';

export type Deployment = components['schemas']['DeploymentDto'];

/** Nobody waits for a line on a chart. */
const EVERY_MS = 30_000;
const LIMIT = 200;

/** What was deployed in the chosen time, the latest first. Not told to who may see some sources or queues only. */
export function useDeployments(): readonly Deployment[] {
  const { range, live } = useScope();
  const { data: session } = useSession();
  const { data } = useQuery({
    queryKey: ['deployments', range],
    queryFn: ({ signal }) =>
      answered(client.GET('/api/v1/celery/deployments', { params: { query: { from: range, limit: LIMIT } }, signal })),
    enabled: session !== undefined && session.sources === null && session.queues === null,
    refetchInterval: live ? EVERY_MS : false,
    placeholderData: keepPreviousData,
  });
  return data?.items ?? NONE;
}

const NONE: readonly Deployment[] = [];

/** `billing 1.42.0`. */
export function deploymentName({ name, version }: Deployment): string {
  return version === null ? name : `${name} ${version}`;
}
