import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { eventually } from '../test/support/eventually.js';
import { freePort } from '../test/support/redis-server.js';

const CLI = fileURLToPath(new URL('../../../dist/src/cli.js', import.meta.url));
const API = '/api/v1/celery';
/** Of /proc/PID/stat, on every Linux. */
const TICKS_PER_SECOND = 100;
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export interface MeasuredService {
  readonly url: string;
  /** CPU seconds of the process so far, all its threads. */
  cpu(): number;
  /** Bytes in memory now. */
  rss(): number;
  /** Bytes in memory at most, since it began. */
  peakRss(): number;
  get(path: string): Promise<unknown>;
  /** The lines of a metric, added up; 0 where there is none. */
  metric(name: string): Promise<number>;
  stop(): Promise<void>;
}

/** What `npm start` and the image start it with. */
const NODE_FLAGS = ['--max-semi-space-size=4'];

/** The service as it is installed, in a process of its own. */
export async function startMeasuredService(args: readonly string[]): Promise<MeasuredService> {
  const port = await freePort();
  const child = spawn(
    process.execPath,
    [...NODE_FLAGS, CLI, 'serve', '--port', String(port), '--no-sample', '--log-level', 'warn', ...args],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  running.add(child);
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const proc = (file: string): string => readFileSync(`/proc/${child.pid}/${file}`, 'utf8');
  const kilobytes = (field: string): number =>
    Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(proc('status'))?.[1] ?? Number.NaN) * 1024;
  const ask = async (path: string): Promise<Response> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(20_000) });
    if (!response.ok) throw new Error(`expected ${path} to answer, found ${response.status} ${await response.text()}`);
    return response;
  };
  await eventually(() => ask('/health/ready'), { within: 30_000, every: 100 });
  return {
    url: `http://127.0.0.1:${port}`,
    cpu: () => {
      const fields = proc('stat')
        .replace(/^.*\) /s, '')
        .split(' ');
      return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    },
    rss: () => kilobytes('VmRSS'),
    peakRss: () => kilobytes('VmHWM'),
    get: async (path) => (await ask(`${API}${path}`)).json(),
    metric: async (name) => {
      const lines = (await (await ask('/metrics')).text()).split('\n');
      const values = lines.filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
      return values.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
    },
    stop: async () => {
      child.kill('SIGTERM');
      await gone;
      running.delete(child);
    },
  };
}
