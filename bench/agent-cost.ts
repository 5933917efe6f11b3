import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface AgentCost {
  /** Jobs a second of one worker as fast as it can. */
  readonly throughputWithout: number;
  readonly throughputWith: number;
  /** CPU that one job costs the worker at full speed, in microseconds. */
  readonly cpuPerJobWithoutUs: number;
  readonly cpuPerJobWithUs: number;
  /** At 100 jobs a second: what the agent adds, in percent of one core and in bytes in use after a collection. */
  readonly cpuPercentAt100: number;
  readonly memoryBytesAt100: number;
}

interface Run {
  readonly jobsPerSecond: number;
  readonly cpuPercent: number;
  readonly cpuPerJobUs: number;
  readonly memoryBytes: number;
}

const ROUNDS = 3;
const FAST_JOBS = 10_000;
const CALM_JOBS = 1_500;
const CALM_RATE = 100;

/** Runs the same worker with and without the agent, in turn, and compares the medians. Takes two minutes. */
export async function measureAgentCost(
  redisUrl: string,
  program = fileURLToPath(new URL('agent-cost-worker.js', import.meta.url)),
  nodeArgs: readonly string[] = [],
): Promise<AgentCost> {
  const run = async (agent: 'yes' | 'no', jobs: number, rate: number): Promise<Run> => {
    const args = [...nodeArgs, '--expose-gc', program, redisUrl, agent, String(jobs), String(rate)];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 120_000 });
    return JSON.parse(stdout);
  };
  const fast: Rounds = { without: [], with: [] };
  const calm: Rounds = { without: [], with: [] };
  // In turn, so that a machine that grows slower or faster meanwhile does so to both.
  for (let round = 0; round < ROUNDS; round += 1) {
    fast.without.push(await run('no', FAST_JOBS, 0));
    fast.with.push(await run('yes', FAST_JOBS, 0));
    calm.without.push(await run('no', CALM_JOBS, CALM_RATE));
    calm.with.push(await run('yes', CALM_JOBS, CALM_RATE));
  }
  const of = (figure: keyof Run, rounds: readonly Run[]): number => median(rounds.map((run) => run[figure]));
  return {
    throughputWithout: of('jobsPerSecond', fast.without),
    throughputWith: of('jobsPerSecond', fast.with),
    cpuPerJobWithoutUs: of('cpuPerJobUs', fast.without),
    cpuPerJobWithUs: of('cpuPerJobUs', fast.with),
    cpuPercentAt100: of('cpuPercent', calm.with) - of('cpuPercent', calm.without),
    memoryBytesAt100: of('memoryBytes', calm.with) - of('memoryBytes', calm.without),
  };
}

interface Rounds {
  readonly without: Run[];
  readonly with: Run[];
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
