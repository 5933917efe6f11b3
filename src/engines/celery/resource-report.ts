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
