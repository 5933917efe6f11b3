import { createServer } from 'node:http';
import type { AgentResources, TotalsRow } from './protocol.js';

/** What is served. */
export interface MeteredWorker {
  readonly worker: string;
  readonly processType: string;
  readonly state: {
    readonly concurrency: number;
    readonly busy: number;
    readonly resources: AgentResources | null;
    readonly totals: readonly TotalsRow[];
  };
}

export interface MetricsServer {
  readonly address: string;
  close(): Promise<void>;
}

/** The service's words for how attempts end. */
const STATUS = {
  succeeded: 'success',
  failed: 'failure',
  retried: 'retry',
  revoked: 'revoked',
} as const satisfies Record<TotalsRow['kind'], string>;

/**
 * Serves what this worker knows of itself as Prometheus metrics. Tasks are counted under a name of the agent's own: the service counts
 * the same tasks as `celery_task_total`, and a sum over both would be twice the truth.
 */
export async function serveMetrics(
  agent: MeteredWorker,
  options: { readonly port: number; readonly host?: string },
): Promise<MetricsServer> {
  const registry = await registryOf(agent);
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('only GET /metrics\n');
      return;
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      (problem: Error) => response.writeHead(500, { 'content-type': 'text/plain' }).end(`${problem.message}\n`),
    );
  });
  server.headersTimeout = 5_000;
  server.requestTimeout = 5_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host ?? '127.0.0.1', resolve);
  });
  server.unref();
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : options.port;
  return {
    address: `http://${options.host ?? '127.0.0.1'}:${port}/metrics`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Loaded here only, so that workers that serve no metrics need no prom-client. Values are set when asked for. */
async function registryOf(agent: MeteredWorker): Promise<{ metrics(): Promise<string>; readonly contentType: string }> {
  const { Counter, Gauge, Registry } = await import('prom-client');
  const registry = new Registry();
  const ofWorker = { worker_name: agent.worker };
  const ofProcess = { process_type: agent.processType, worker_name: agent.worker };
  const gauge = (name: string, help: string, labels: Record<string, string>, value: () => number | null): void => {
    const collect = function (this: InstanceType<typeof Gauge>): void {
      const now = value();
      if (now === null) this.reset();
      else this.set(labels, now);
    };
    registry.registerMetric(new Gauge({ name, help, labelNames: Object.keys(labels), registers: [], collect }));
  };

  gauge('celery_worker_up', 'This worker is running', ofWorker, () => 1);
  gauge('celery_worker_pool_size', 'Tasks this worker can run at once', ofWorker, () => agent.state.concurrency);
  gauge('celery_worker_pool_busy', 'Tasks this worker is running', ofWorker, () => agent.state.busy);
  gauge(
    'process_memory_usage_bytes',
    'Resident memory of the process and its children',
    ofProcess,
    () => agent.state.resources?.memoryBytes ?? null,
  );
  gauge(
    'process_cpu_usage_percent',
    'CPU of the process and its children, of one core',
    ofProcess,
    () => agent.state.resources?.cpuPercent ?? null,
  );
  gauge('process_count', 'The process and its children', ofProcess, () => agent.state.resources?.processCount ?? null);

  registry.registerMetric(
    new Counter({
      name: 'disk_io_bytes_total',
      help: 'Bytes the process and its children read from and wrote to disks',
      labelNames: ['operation', ...Object.keys(ofProcess)],
      registers: [],
      collect() {
        this.reset();
        const { diskReadBytes = null, diskWriteBytes = null } = agent.state.resources ?? {};
        if (diskReadBytes !== null) this.inc({ operation: 'read', ...ofProcess }, diskReadBytes);
        if (diskWriteBytes !== null) this.inc({ operation: 'write', ...ofProcess }, diskWriteBytes);
      },
    }),
  );
  registry.registerMetric(
    new Counter({
      name: 'taskscope_agent_tasks_total',
      help: 'Attempts that ended in this worker',
      labelNames: ['queue_name', 'task_name', 'status', 'worker_name'],
      registers: [],
      collect() {
        this.reset();
        for (const row of agent.state.totals) {
          const labels = { queue_name: row.queue, task_name: taskName(row), status: STATUS[row.kind], ...ofWorker };
          this.inc(labels, row.count);
        }
      },
    }),
  );
  return registry;
}

function taskName({ queue, jobName }: TotalsRow): string {
  return jobName === '__default__' ? queue : `${queue}.${jobName}`;
}
