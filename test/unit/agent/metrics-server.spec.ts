import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type MetricsServer, serveMetrics } from '../../../agent/metrics-server.js';

const total = { engine: 'bull', prefix: 'bull', queue: 'mail', reason: null, timedOut: 0 } as const;
const worker = {
  worker: 'worker-1@host',
  processType: 'worker',
  state: {
    concurrency: 4,
    busy: 1,
    resources: {
      measuredAt: 0,
      memoryBytes: 5_000,
      cpuPercent: 12.5,
      diskReadBytes: 100,
      diskWriteBytes: null,
      processCount: 2,
    },
    totals: [
      { ...total, jobName: 'send', kind: 'succeeded', count: 7 },
      { ...total, jobName: 'send', kind: 'retried', reason: 'Busy', count: 2 },
      { ...total, jobName: 'send', kind: 'retried', reason: 'Gone', count: 1 },
      { ...total, jobName: '__default__', kind: 'failed', count: 3 },
    ],
  },
} as const;

describe('the metrics of a worker', () => {
  let server: MetricsServer;

  beforeAll(async () => {
    server = await serveMetrics(worker, { port: 0 });
  });

  afterAll(() => server.close());

  test('are served on the loopback interface, counters the same however often they are read', async () => {
    await (await fetch(server.address)).text();
    const response = await fetch(server.address);
    const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));

    expect(server.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(lines).toEqual([
      'celery_worker_up{worker_name="worker-1@host"} 1',
      'celery_worker_pool_size{worker_name="worker-1@host"} 4',
      'celery_worker_pool_busy{worker_name="worker-1@host"} 1',
      'process_memory_usage_bytes{process_type="worker",worker_name="worker-1@host"} 5000',
      'process_cpu_usage_percent{process_type="worker",worker_name="worker-1@host"} 12.5',
      'process_count{process_type="worker",worker_name="worker-1@host"} 2',
      'disk_io_bytes_total{operation="read",process_type="worker",worker_name="worker-1@host"} 100',
      'taskscope_agent_tasks_total{queue_name="mail",task_name="mail.send",status="success",worker_name="worker-1@host"} 7',
      'taskscope_agent_tasks_total{queue_name="mail",task_name="mail.send",status="retry",worker_name="worker-1@host"} 3',
      'taskscope_agent_tasks_total{queue_name="mail",task_name="mail",status="failure",worker_name="worker-1@host"} 3',
    ]);
  });

  test('are all there is to see', async () => {
    const response = await fetch(new URL('/', server.address));

    expect(response.status).toBe(404);
  });
});
