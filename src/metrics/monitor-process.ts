import { readFile } from 'node:fs/promises';
import type { Clock } from '../core/clock.js';
import type { Worker } from '../core/worker.js';

/** What is exposed of the process of a worker, or of the service itself. */
export type MeasuredProcess = Pick<Worker, 'source' | 'name' | 'pid' | 'startedAt' | 'resources'>;

const US_PER_MS = 1000;
/** CPU over less than this says more about the scrape than about the process. */
const MIN_INTERVAL_MS = 1000;

/** Measures the service as workers are measured. It belongs to no source; its `worker_name` is always the same, pods come and go. */
export class MonitorProcess {
  readonly #clock: Clock;
  readonly #startedAt: number;
  #cpu = process.cpuUsage();
  #measuredAt: number;
  #cpuPercent = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#measuredAt = clock.monotonic();
  }

  async measure(): Promise<MeasuredProcess> {
    const io = await diskBytes();
    return {
      source: '',
      name: 'taskscope',
      pid: process.pid,
      startedAt: this.#startedAt,
      resources: {
        measuredAt: this.#clock.now(),
        processType: 'monitor',
        memoryBytes: process.memoryUsage.rss(),
        cpuPercent: this.#measureCpu(),
        diskReadBytes: io?.read ?? null,
        diskWriteBytes: io?.write ?? null,
        processCount: 1,
      },
    };
  }

  #measureCpu(): number {
    const now = this.#clock.monotonic();
    const elapsed = now - this.#measuredAt;
    if (elapsed < MIN_INTERVAL_MS) return this.#cpuPercent;
    const used = process.cpuUsage(this.#cpu);
    this.#cpuPercent = ((used.user + used.system) / US_PER_MS / elapsed) * 100;
    this.#cpu = process.cpuUsage();
    this.#measuredAt = now;
    return this.#cpuPercent;
  }
}

/** null where the kernel does not tell: outside Linux, or where /proc is closed. */
async function diskBytes(): Promise<{ readonly read: number; readonly write: number } | null> {
  try {
    const text = await readFile('/proc/self/io', 'utf8');
    const field = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1]);
    const [read, write] = [field('read_bytes'), field('write_bytes')];
    return Number.isNaN(read) || Number.isNaN(write) ? null : { read, write };
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['ENOENT', 'EACCES', 'EPERM'].includes(String(error.code)))
      return null;
    throw error;
  }
}
