import { afterEach, describe, expect, test } from '@jest/globals';
import { metricsSettingsSchema } from '../../src/config/metrics-settings.js';
import { SourceUnavailable } from '../../src/core/errors.js';
import type { Schedule } from '../../src/core/queue.js';
import { type TaskEvent, taskEvent } from '../../src/core/task-event.js';
import type { WorkerResources } from '../../src/core/worker.js';
import { MetricsModule } from '../../src/metrics/metrics.module.js';
import { type ApiApp, type ApiAppOptions, FixedClock, startApiApp } from '../support/api-app.js';
import { aQueue, aWorker, NOON } from '../support/builders.js';
import { ClockModule } from '../support/clock-module.js';
import { FakeEngine } from '../support/fake-engine.js';

let api: ApiApp | undefined;

async function start(engines: readonly FakeEngine[], options: ApiAppOptions = {}): Promise<ApiApp['request']> {
  const clock = options.clock ?? new FixedClock();
  const metrics = MetricsModule.forRoot(metricsSettingsSchema.parse({}));
  api = await startApiApp(engines, { ...options, clock, modules: [ClockModule.with(clock), metrics] });
  return api.request;
}

afterEach(async () => {
  await api?.close();
  api = undefined;
});

const RESOURCES: WorkerResources = {
  measuredAt: NOON,
  processType: 'worker',
  memoryBytes: 100_000_000,
  cpuPercent: 42,
  diskReadBytes: 1000,
  diskWriteBytes: 2000,
  processCount: 3,
};

function aSchedule(id: string, missed: boolean): Schedule {
  return {
    id,
    name: id,
    cron: null,
    everyMs: 1000,
    timeZone: null,
    nextAt: NOON,
    lastAt: null,
    missed,
    missedRuns: null,
  };
}

function attempt(kind: 'task-succeeded' | 'task-failed', id: string, said: Partial<TaskEvent>): readonly TaskEvent[] {
  const told = { name: 'train', occurrence: 1, ...said };
  return [taskEvent('task-started', id, NOON - 2000, told), taskEvent(kind, id, NOON, { runtimeMs: 2000, ...told })];
}

function busyEngine(name = 'main'): FakeEngine {
  const engine = new FakeEngine({ name });
  engine.setSnapshot({
    queues: [
      aQueue({
        source: name,
        name: 'training',
        length: 7,
        oldestWaitingSeconds: 12.5,
        consumers: 0,
        schedules: [aSchedule('nightly', true), aSchedule('hourly', false)],
      }),
      aQueue({ source: name, name: 'mail', consumers: null, schedules: null }),
    ],
    workers: [
      aWorker({ source: name, name: 'w1', poolSize: 4, busy: 2, prefetchCount: 8, resources: RESOURCES }),
      aWorker({ source: name, name: 'w2' }),
    ],
    active: { tasks: [], total: 2 },
    reserved: { tasks: [], total: 7 },
    scheduled: { tasks: [], total: 1 },
    activeByName: new Map([
      ['train', 1],
      [null, 1],
    ]),
  });
  return engine;
}

async function scrape(request: ApiApp['request']): Promise<readonly string[]> {
  const { status, text } = await request.get('/metrics');
  expect(status).toBe(200);
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

const GAUGE = /^(celery_(active|worker|queue)|process_|disk_io)/;

describe('GET /metrics', () => {
  test('is Prometheus text outside the prefix, and not inside', async () => {
    const request = await start([busyEngine()]);

    const { headers } = await request.get('/metrics');
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect((await request.get('/api/v1/celery/metrics')).status).toBe(404);
  });

  test('shows tasks, workers, queues and processes as the sources are now', async () => {
    const engine = busyEngine();
    const request = await start([engine]);
    engine.emit(...attempt('task-succeeded', 'q:1', {}));

    const lines = await scrape(request);
    expect(lines).toEqual(
      expect.arrayContaining([
        'celery_task_total{task_name="train",status="success",source="main"} 1',
        'celery_active_tasks{task_name="train",source="main"} 1',
        'celery_active_tasks{task_name="__unknown__",source="main"} 1',
        'celery_worker_up{worker_name="w1",source="main"} 1',
        'celery_worker_pool_size{worker_name="w1",source="main"} 4',
        'celery_worker_pool_busy{worker_name="w1",source="main"} 2',
        'celery_worker_prefetch_count{worker_name="w1",source="main"} 8',
        'celery_queue_length{queue_name="training",source="main"} 7',
        'celery_queue_length{queue_name="mail",source="main"} 0',
        'celery_queue_oldest_seconds{queue_name="training",source="main"} 12.5',
        'taskscope_queue_consumers{queue_name="training",source="main"} 0',
        'taskscope_schedules_missed{queue_name="training",source="main"} 1',
        'taskscope_worker_stalled{worker_name="w1",source="main"} 0',
        'process_memory_usage_bytes{process_type="worker",worker_name="w1",source="main"} 100000000',
        'process_cpu_usage_percent{process_type="worker",worker_name="w1",source="main"} 42',
        'process_count{process_type="worker",worker_name="w1",source="main"} 3',
        'disk_io_bytes_total{operation="read",process_type="worker",worker_name="w1",source="main"} 1000',
        'disk_io_bytes_total{operation="write",process_type="worker",worker_name="w1",source="main"} 2000',
        'process_count{process_type="monitor",worker_name="taskscope",source=""} 1',
        'taskscope_source_up{source="main",engine="bull"} 1',
      ]),
    );
    // What cannot be known has no series.
    expect(lines.filter((line) => line.includes('pool_size{worker_name="w2"'))).toEqual([]);
    for (const metric of ['celery_queue_oldest_seconds', 'taskscope_queue_consumers', 'taskscope_schedules_missed'])
      expect(lines.filter((line) => line.startsWith(`${metric}{queue_name="mail"`))).toEqual([]);
  });

  test('tells a worker that is stalled from one that works, and says nothing of one that is gone', async () => {
    const engine = new FakeEngine({ name: 'main' });
    const workers = (['online', 'stalled', 'lost'] as const).map((status) =>
      aWorker({ source: 'main', name: status, status }),
    );
    engine.setSnapshot({ workers });
    const request = await start([engine]);

    const lines = await scrape(request);
    expect(lines.filter((line) => line.startsWith('taskscope_worker_stalled'))).toEqual([
      'taskscope_worker_stalled{worker_name="online",source="main"} 0',
      'taskscope_worker_stalled{worker_name="stalled",source="main"} 1',
    ]);
  });

  test('every line is a different series', async () => {
    const engine = busyEngine();
    const request = await start([engine, busyEngine('other')]);
    engine.emit(...attempt('task-succeeded', 'q:1', {}), ...attempt('task-succeeded', 'q:2', { name: 'tra\u0000in' }));

    const series = (await scrape(request)).map((line) => line.slice(0, line.lastIndexOf(' ')));
    expect(series.filter((one, at) => series.indexOf(one) !== at)).toEqual([]);
  });

  test('what has vanished is gone; a lost worker is down, one that said goodbye is not', async () => {
    const engine = busyEngine();
    const request = await start([engine]);
    await scrape(request);
    engine.emit({
      kind: 'worker-offline',
      at: NOON,
      worker: aWorker({ source: 'main', name: 'w2', status: 'offline' }),
    });
    engine.setSnapshot({ at: NOON + 1000, queues: [aQueue({ source: 'main', name: 'mail' })] });

    const lines = (await scrape(request)).filter((line) => GAUGE.test(line) && !line.includes('monitor'));
    expect(lines).toEqual([
      'celery_worker_up{worker_name="w1",source="main"} 0',
      'celery_queue_length{queue_name="mail",source="main"} 0',
    ]);
  });

  test('a source that fails is down, and none of its gauges look live; its counters and the other sources stay', async () => {
    const [failing, well] = [busyEngine('failing'), busyEngine('well')];
    const request = await start([failing, well]);
    failing.emit(...attempt('task-succeeded', 'q:1', {}));
    await scrape(request);
    failing.failInspect = new SourceUnavailable('gone');

    const lines = await scrape(request);
    expect(lines).toContain('taskscope_source_up{source="failing",engine="bull"} 0');
    expect(lines).toContain('taskscope_source_up{source="well",engine="bull"} 1');
    expect(lines).toContain('celery_task_total{task_name="train",status="success",source="failing"} 1');
    expect(lines).toContain('celery_queue_length{queue_name="training",source="well"} 7');
    expect(lines.filter((line) => GAUGE.test(line) && line.includes('source="failing"'))).toEqual([]);
  });

  test('a disconnected source is down', async () => {
    const engine = busyEngine();
    const request = await start([engine]);
    await scrape(request);
    engine.setStatus({ connection: 'disconnected', problem: 'connection refused' });

    expect(await scrape(request)).toContain('taskscope_source_up{source="main",engine="bull"} 0');
  });

  test('scrapes at the same time share one look; a source that hangs is down', async () => {
    const [hanging, well] = [busyEngine('hanging'), busyEngine('well')];
    hanging.delayMs = 60_000;
    const request = await start([hanging, well]);

    const [lines] = await Promise.all([scrape(request), scrape(request), scrape(request)]);
    expect(lines).toContain('taskscope_source_up{source="hanging",engine="bull"} 0');
    expect(lines).toContain('taskscope_source_up{source="well",engine="bull"} 1');
    expect(hanging.inspections).toBe(1);
  });

  test('tells what could not be used, what is missing and what was reconciled', async () => {
    const engine = busyEngine();
    engine.brokerCost = { connections: 3, commands: 120, bytesRead: 4096, reconnects: 2 };
    const request = await start([engine]);
    const gap = {
      kind: 'gap',
      from: NOON,
      to: NOON,
      queue: null,
      reason: 'disconnected',
      exactness: 'at_most',
    } as const;
    engine.emit(
      { kind: 'rejected', at: NOON, reason: 'oversized' },
      { ...gap, missed: 5 },
      { ...gap, missed: null },
      { kind: 'reconciled', at: NOON, name: 'train', outcome: 'failure', count: 4, timedOut: 0, reason: null },
    );

    expect(await scrape(request)).toEqual(
      expect.arrayContaining([
        'taskscope_events_rejected_total{source="main",reason="oversized"} 1',
        'taskscope_gaps_total{source="main",reason="disconnected"} 2',
        'taskscope_gap_missed_at_most_total{source="main"} 5',
        'taskscope_gaps_unbounded_total{source="main"} 1',
        'taskscope_reconciled_total{source="main",status="failure"} 4',
        'celery_task_total{task_name="train",status="failure",source="main"} 4',
        'taskscope_broker_connections{source="main"} 3',
        'taskscope_broker_commands_total{source="main"} 120',
        'taskscope_broker_read_bytes_total{source="main"} 4096',
        'taskscope_source_reconnects_total{source="main"} 2',
      ]),
    );
  });
});

describe('GET /api/v1/celery/metrics/summary', () => {
  const summary = (request: ApiApp['request'], query = '') => request.get(`/api/v1/celery/metrics/summary${query}`);

  test('answers everything in numbers', async () => {
    const engine = busyEngine();
    const request = await start([engine]);
    engine.emit(
      ...attempt('task-succeeded', 'q:1', {}),
      ...attempt('task-failed', 'q:2', { error: { type: 'ValueError', message: 'no data' }, timedOut: true }),
      { kind: 'gap', from: NOON - 1000, to: NOON, queue: 'mail', reason: 'overrun', missed: 3, exactness: 'at_most' },
    );

    const { status, body } = await summary(request);
    expect(status).toBe(200);
    expect(body).toEqual({
      timestamp: '2026-01-02T10:30:00.000Z',
      workers: { total: 2, up: 2, pool_size: null, busy: null },
      tasks: { active: 2, reserved: 7, scheduled: 1, total_pending: 10 },
      queues: {
        total: 2,
        length: 7,
        items: [
          { source: 'main', engine: 'bull', name: 'training', length: 7, oldest_waiting_seconds: 12.5 },
          { source: 'main', engine: 'bull', name: 'mail', length: 0, oldest_waiting_seconds: null },
        ],
      },
      counts: { success: 1, failure: 1, retry: 0, revoked: 0, rejected: 0 },
      failure_rate: 1,
      duration_seconds: { p50: expect.closeTo(2, 1), p95: expect.closeTo(2, 1), p99: expect.closeTo(2, 1) },
      per_task: [expect.objectContaining({ source: 'main', engine: 'bull', task_name: 'train', finished: 2 })],
      gaps: {
        count: 1,
        missed_at_most: 3,
        unbounded: 0,
        items: [
          {
            number: 1,
            source: 'main',
            engine: 'bull',
            queue: 'mail',
            reason: 'overrun',
            from: '2026-01-02T10:29:59.000Z',
            to: '2026-01-02T10:30:00.000Z',
            missed: 3,
            exactness: 'at_most',
          },
        ],
      },
      sources: [expect.objectContaining({ source: 'main', stale: false })],
    });
  });

  test('says null, and never 0, where no source has been looked at', async () => {
    const request = await start([new FakeEngine({ connection: 'disconnected' })]);

    const { body } = await summary(request);
    expect(body.tasks).toEqual({ active: null, reserved: null, scheduled: null, total_pending: null });
    expect(body.sources).toEqual([expect.objectContaining({ stale: true, problem: 'connection refused' })]);
  });

  test('narrows to one source, and refuses an unknown one and bad limits', async () => {
    const request = await start([busyEngine('one'), busyEngine('two')]);

    expect((await summary(request, '?source=one')).body.tasks.total_pending).toBe(10);
    expect((await summary(request)).body.tasks.total_pending).toBe(20);
    expect((await summary(request, '?source=three')).status).toBe(404);
    expect((await summary(request, '?limit=1001')).status).toBe(400);
    expect((await summary(request, '?colour=red')).status).toBe(400);
  });
});

describe('GET /api/v1/celery/stats/detailed', () => {
  const detailed = (request: ApiApp['request'], query = '') => request.get(`/api/v1/celery/stats/detailed${query}`);

  test('answers what the counters know of each name', async () => {
    const engine = busyEngine();
    const request = await start([engine]);
    engine.emit(
      ...attempt('task-succeeded', 'q:1', {}),
      taskEvent('task-retried', 'q:2', NOON - 500, { name: 'train', error: { type: 'Busy', message: 'x' } }),
      ...attempt('task-failed', 'q:3', { error: { type: 'ValueError', message: 'm'.repeat(900) }, timedOut: true }),
    );

    const { status, body } = await detailed(request);
    expect(status).toBe(200);
    expect(body).toEqual({
      items: [
        {
          source: 'main',
          engine: 'bull',
          task_name: 'train',
          counts: { success: 1, failure: 1, retry: 1, revoked: 0, rejected: 0 },
          finished: 3,
          failure_rate: 1,
          finished_per_second: {
            last_1m: expect.any(Number),
            last_5m: expect.any(Number),
            last_15m: expect.any(Number),
          },
          failed_per_second: { last_1m: expect.any(Number), last_5m: expect.any(Number), last_15m: expect.any(Number) },
          duration_seconds: { p50: expect.closeTo(2, 1), p95: expect.closeTo(2, 1), p99: expect.closeTo(2, 1) },
          retries: [{ reason: 'Busy', count: 1 }],
          timeouts: 1,
          last_failure: { type: 'ValueError', message: 'm'.repeat(500), at: '2026-01-02T10:30:00.000Z' },
        },
      ],
      next_cursor: null,
      total: 1,
    });
  });

  test('pages by name and source without skipping or repeating', async () => {
    const [one, two] = [busyEngine('one'), busyEngine('two')];
    const request = await start([one, two]);
    for (let at = 0; at < 7; at += 1) {
      for (const engine of [one, two]) engine.emit(...attempt('task-succeeded', `q:${at}`, { name: `n${at}` }));
    }

    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await detailed(request, `?limit=3${cursor}`);
      expect(body.total).toBe(14);
      seen.push(...body.items.map((item: { task_name: string; source: string }) => `${item.task_name} ${item.source}`));
      cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`;
    } while (cursor !== '');
    expect(seen).toEqual(Array.from({ length: 14 }, (_, at) => `n${at >> 1} ${at % 2 === 0 ? 'one' : 'two'}`));
  });

  test('finds names by their beginning', async () => {
    const engine = busyEngine();
    const request = await start([engine]);
    engine.emit(...attempt('task-succeeded', 'q:1', { name: 'mail.send' }), ...attempt('task-succeeded', 'q:2', {}));

    expect((await detailed(request, '?name=mail.*')).body.items).toHaveLength(1);
    expect((await detailed(request, '?name=mail')).body.items).toEqual([]);
  });

  test('refuses an unknown source and a broken cursor', async () => {
    const request = await start([busyEngine()]);

    expect((await detailed(request, '?source=nowhere')).status).toBe(404);
    expect((await detailed(request, '?cursor=nonsense')).status).toBe(400);
  });
});
