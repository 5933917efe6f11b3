import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import { freePort } from './redis-server.js';

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface PrometheusServer {
  /** An instant query that answers with a vector. */
  query(expression: string): Promise<readonly Sample[]>;
  stop(): Promise<void>;
}

export interface PrometheusOptions {
  /** `host:port` by job, scraped at /metrics. */
  readonly jobs: Readonly<Record<string, string>>;
  /** Between scrapes, each of which may take as long; a second where it is missing. Rules are evaluated every second. */
  readonly everySeconds?: number;
  /** Absolute paths. */
  readonly ruleFiles: readonly string[];
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A real Prometheus of its own, on a free loopback port. */
export async function startPrometheus(options: PrometheusOptions): Promise<PrometheusServer> {
  const dir = await mkdtemp(join(tmpdir(), 'taskscope-prometheus-'));
  const port = await freePort();
  const config = join(dir, 'prometheus.json');
  // JSON is YAML.
  await writeFile(config, JSON.stringify(configOf(options)));
  const child = spawn(
    'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: 'inherit' },
  );
  running.add(child);
  const gone = new Promise<void>((resolve, reject) => {
    child.once('exit', () => {
      running.delete(child);
      resolve();
    });
    child.once('error', reject);
  });
  const base = `http://127.0.0.1:${port}`;
  await Promise.race([eventually(() => ready(base), { within: 20_000, every: 100 }), gone.then(endedEarly)]);
  return {
    query: (expression) => query(base, expression),
    stop: async () => {
      child.kill('SIGTERM');
      await gone;
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function configOf({ jobs, ruleFiles, everySeconds = 1 }: PrometheusOptions): object {
  return {
    global: {
      scrape_interval: `${everySeconds}s`,
      scrape_timeout: `${everySeconds}s`,
      evaluation_interval: '1s',
    },
    rule_files: ruleFiles,
    scrape_configs: Object.entries(jobs).map(([job_name, target]) => ({
      job_name,
      static_configs: [{ targets: [target] }],
    })),
  };
}

function endedEarly(): never {
  throw new Error('expected prometheus to run, found that it has ended: see its output above');
}

async function ready(base: string): Promise<void> {
  const { ok, status } = await fetch(`${base}/-/ready`, { signal: AbortSignal.timeout(1000) });
  if (!ok) throw new Error(`expected prometheus to be ready, found ${status}`);
}

async function query(base: string, expression: string): Promise<readonly Sample[]> {
  const answer = await fetch(`${base}/api/v1/query`, {
    method: 'POST',
    body: new URLSearchParams({ query: expression }),
    signal: AbortSignal.timeout(5000),
  });
  return samplesOf(await answer.json(), expression);
}

function samplesOf(body: unknown, expression: string): readonly Sample[] {
  const result = field(field(body, 'data'), 'result');
  if (field(field(body, 'data'), 'resultType') !== 'vector' || !Array.isArray(result)) {
    throw new Error(`expected a vector for ${expression}, found ${JSON.stringify(body)}`);
  }
  return result.map((sample: unknown) => {
    const labels = Object.entries(field(sample, 'metric') ?? {});
    const value = field(sample, 'value');
    return {
      labels: Object.fromEntries(labels.map(([name, text]) => [name, String(text)])),
      value: Number(Array.isArray(value) ? value[1] : Number.NaN),
    };
  });
}

function field(value: unknown, name: string): object | string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const found: unknown = Reflect.get(value, name);
  return typeof found === 'string' || (typeof found === 'object' && found !== null) ? found : undefined;
}
