import type { WorkerResources } from '../../core/worker.js';
import type { CeleryWorker } from './celery-worker.js';

/** What the bootstep measures where the worker has it; else what `stats` tells. */
export function resourcesOf(worker: CeleryWorker): WorkerResources | null {
  return measured(worker) ?? ofMainProcess(worker);
}

/** Two reports make a rate. */
function measured({ reports }: CeleryWorker): WorkerResources | null {
  const [earlier, latest] = reports;
  if (earlier === undefined || latest === undefined || latest.at <= earlier.at) return null;
  const { at: measuredAt, memoryBytes, diskReadBytes, diskWriteBytes, processCount } = latest;
  const cpuPercent = Math.max(0, ((latest.cpuSeconds - earlier.cpuSeconds) * 100_000) / (latest.at - earlier.at));
  return {
    measuredAt,
    processType: 'celery_worker',
    memoryBytes,
    cpuPercent,
    diskReadBytes,
    diskWriteBytes,
    processCount,
  };
}

/** Of the main process alone, and its memory at its peak: that is what `stats` tells without anything installed in the worker. */
function ofMainProcess(worker: CeleryWorker): WorkerResources | null {
  const { stats } = worker.replies;
  const earlier = worker.earlierUsage;
  const usage = stats?.value.usage ?? null;
  if (stats === null || usage === null || earlier === null || stats.at <= earlier.at) return null;
  return {
    measuredAt: worker.seenAtEpoch,
    processType: 'celery_main',
    memoryBytes: usage.peakMemoryBytes,
    cpuPercent: Math.max(0, ((usage.cpuSeconds - earlier.value.cpuSeconds) * 100_000) / (stats.at - earlier.at)),
    diskReadBytes: usage.diskReadBytes,
    diskWriteBytes: usage.diskWriteBytes,
    processCount: 1 + stats.value.processIds.filter((pid) => pid !== stats.value.pid).length,
  };
}
