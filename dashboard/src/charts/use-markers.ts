import { useMemo } from 'react';
import { type Deployment, deploymentName, useDeployments } from '../api/deployments.js';
import type { Worker } from '../api/model.js';
import type { Marker } from './chart-data.js';
import { workerStarts } from './worker-starts.js';

/** What may be why the lines bend: what was deployed, and workers that were started. */
export function useMarkers(workers: readonly Worker[] | undefined): readonly Marker[] {
  const deployments = useDeployments();
  return useMemo(() => [...deploymentMarkers(deployments), ...workerStarts(workers ?? [])], [deployments, workers]);
}

export function deploymentMarkers(deployments: readonly Deployment[]): readonly Marker[] {
  return deployments.flatMap((deployment) =>
    deployment.at === null
      ? []
      : [
          {
            at: Date.parse(deployment.at) / 1_000,
            words: `${deploymentName(deployment)} deployed`,
            label: deploymentName(deployment),
          },
        ],
  );
}
