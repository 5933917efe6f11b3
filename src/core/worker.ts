import type { EngineKind } from './source.js';

/**
 * online: heard of lately. suspect: one heartbeat late. lost: gone without a goodbye. offline: said goodbye.
 * silent: alive but not answering (a busy solo worker). stalled: heartbeats arrive, work waits, nothing is consumed.
 */
export const WORKER_STATUSES = ['online', 'suspect', 'silent', 'stalled', 'lost', 'offline'] as const;
export type WorkerStatus = (typeof WORKER_STATUSES)[number];

/** True while the worker may still be executing something. */
export function isUp(status: WorkerStatus): boolean {
  return status === 'online' || status === 'suspect' || status === 'silent' || status === 'stalled';
}

/** One measurement of a worker's process tree, taken in the worker. */
export interface WorkerResources {
  readonly measuredAt: number;
  readonly processType: string;
  readonly memoryBytes: number;
  /** Of one core: 150 means one and a half cores. */
  readonly cpuPercent: number;
  /** Since the process started; null where the platform does not tell (outside Linux). */
  readonly diskReadBytes: number | null;
  readonly diskWriteBytes: number | null;
  readonly processCount: number;
}

/** null means that this engine, or this worker without an agent, cannot tell. Times are epoch milliseconds. */
export interface Worker {
  readonly source: string;
  readonly engine: EngineKind;
  readonly name: string;
  readonly status: WorkerStatus;
  readonly host: string | null;
  readonly pid: number | null;
  /** Library and version, such as `bull 4.16.5`. */
  readonly software: string | null;
  readonly startedAt: number | null;
  readonly lastSeenAt: number;
  readonly queues: readonly string[] | null;
  /** Tasks it can run at once. */
  readonly poolSize: number | null;
  readonly busy: number | null;
  readonly prefetchCount: number | null;
  /** Bounds between which it resizes itself; null where it does not, or does not tell. */
  readonly autoscale: { readonly minimum: number; readonly maximum: number } | null;
  /** Whether it tells about its tasks. */
  readonly eventsEnabled: boolean | null;
  /** Attempts finished since it started. */
  readonly processed: number | null;
  readonly resources: WorkerResources | null;
  /** True where Taskscope's agent runs inside it. */
  readonly agent: boolean;
}
