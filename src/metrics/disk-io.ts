import type { CounterFamily, CounterSeries } from './counter-family.js';
import type { MeasuredProcess } from './monitor-process.js';

interface Reading {
  /** Which process was measured: another one begins at 0 again. */
  readonly process: string;
  readonly bytes: number;
  readonly series: CounterSeries;
}

/**
 * Makes a counter out of what processes say of themselves. A process that was started again begins at 0, which adds; a tree that lost a
 * child falls, which adds nothing, because what the rest has done cannot be told from what the child took with it.
 */
export class DiskIo {
  readonly #family: CounterFamily;
  /** By operation, source and worker. */
  #readings = new Map<string, Reading>();

  constructor(family: CounterFamily) {
    this.#family = family;
  }

  /** Everything that can be read now. Series of processes that are not among them end. */
  look(processes: readonly MeasuredProcess[]): void {
    const readings = new Map<string, Reading>();
    for (const measured of processes) {
      this.#read(readings, measured, 'read', measured.resources?.diskReadBytes);
      this.#read(readings, measured, 'write', measured.resources?.diskWriteBytes);
    }
    this.#readings = readings;
    const shown = new Set(Array.from(readings.values(), ({ series }) => series));
    this.#family.retain((series) => shown.has(series));
  }

  #read(
    readings: Map<string, Reading>,
    { name, source, pid, startedAt, resources }: MeasuredProcess,
    operation: 'read' | 'write',
    bytes: number | null | undefined,
  ): void {
    if (bytes === null || bytes === undefined || resources === null) return;
    const key = JSON.stringify([operation, source, name]);
    const process = `${pid} ${startedAt}`;
    const series = this.#family.series(operation, resources.processType, name, source);
    const last = this.#readings.get(key);
    if (last === undefined || last.process !== process) series.value += bytes;
    else series.value += Math.max(0, bytes - last.bytes);
    readings.set(key, { process, bytes, series });
  }
}
