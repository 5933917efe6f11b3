import type { WorkerResources } from '../../core/worker.js';
import type { CeleryWorker } from './celery-worker.js';
import { type Fields, numberIn } from './json-fields.js';

/** A report of `agent/celery/taskscope_bootstep.py`: the worker and its pool together. */
export interface ResourceReport {
  /** By the worker's clock, epoch milliseconds. */
  readonly at: number;
  readonly memoryBytes: number;
  readonly cpuSeconds: number;
  readonly diskReadBytes: number;
  readonly diskWriteBytes: number;
  readonly processCount: number;
}

/** null where a field is missing: then it is an application's own event that happens to have the name. */
export function resourceReport(event: Fields, at: number): ResourceReport | null {
  const memoryBytes = numberIn(event.memory_bytes);
  const cpuSeconds = numberIn(event.cpu_seconds);
  const diskReadBytes = numberIn(event.disk_read_bytes);
  const diskWriteBytes = numberIn(event.disk_write_bytes);
  const processCount = numberIn(event.process_count);
  if (memoryBytes === null || cpuSeconds === null || diskReadBytes === null) return null;
  if (diskWriteBytes === null || processCount === null) return null;
  return { at, memoryBytes, cpuSeconds, diskReadBytes, diskWriteBytes, processCount };
}

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
