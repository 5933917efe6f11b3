import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { LOCAL_RULES } from '../src/auth/access-rules.js';
import { AuthModule } from '../src/auth/auth.module.js';
import { MemoryAuditLog } from '../src/auth/memory-audit-log.js';
import { MemoryTokenStore } from '../src/auth/memory-token-store.js';
import { DEFAULT_LIMITS } from '../src/auth/request-limits.js';
import { type MetricsSettings, metricsSettingsSchema } from '../src/config/metrics-settings.js';
import { Clock, SystemClock } from '../src/core/clock.js';
import type { EngineEvent } from '../src/core/task-event.js';
import { taskEvent } from '../src/core/task-event.js';
import type { Transition } from '../src/core/transition.js';
import { EventCounts } from '../src/metrics/event-counts.js';
import { MetricFamilies } from '../src/metrics/metric-families.js';
import { MetricsModule } from '../src/metrics/metrics.module.js';
import { ResultMetrics } from '../src/metrics/result-metrics.js';
import { TaskFamilies } from '../src/metrics/task-families.js';
import { TaskRecorder } from '../src/metrics/task-recorder.js';
import { EventIntake } from '../src/queue-inspector/event-intake.js';
import { QueueInspector } from '../src/queue-inspector/queue-inspector.js';
import { QueueInspectorModule } from '../src/queue-inspector/queue-inspector.module.js';
import { aQueue, aWorker } from '../test/support/builders.js';
import { FakeEngine } from '../test/support/fake-engine.js';

const WARM_UPS = 5;
const SCRAPES = 30;
const WORKERS = 20;
const LIVE = { maxTasks: 10_000, maxBytes: 64 * 1024 * 1024 };

export interface ScrapeFigures {
  readonly queues: number;
  readonly names: number;
  /** Lines that are samples. */
  readonly series: number;
  readonly bytes: number;
  /** Over HTTP, from the request to the last byte. */
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly worstMs: number;
}

/** A scrape over HTTP of the whole metrics module, over a source that answers at once: what remains is the cost of the exposition. */
export async function measureScrape({ queues = 1000, names = 200 } = {}): Promise<ScrapeFigures> {
  const clock = new SystemClock();
  const inspector = new QueueInspector(clock, {
    inspection: { maxAgeMs: 0, deadlineMs: 5000, listLimit: 100 },
    live: LIVE,
    workerGraceMs: 60_000,
    commandDeadlineMs: 1000,
    statusChanged: () => undefined,
  });
  const engine = new FakeEngine({ name: 'main' });
  const app = await startApp(inspector, clock);
  inspector.add(engine);
  try {
    fill(engine, queues, names);
    const url = `${await app.getUrl()}/metrics`;
    const times: number[] = [];
    let text = '';
    for (let at = 0; at < WARM_UPS + SCRAPES; at += 1) {
      const began = performance.now();
      text = await (await fetch(url, { signal: AbortSignal.timeout(10_000) })).text();
      if (at >= WARM_UPS) times.push(performance.now() - began);
    }
    times.sort((a, b) => a - b);
    return {
      queues,
      names,
      series: text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length,
      bytes: Buffer.byteLength(text),
      medianMs: quantile(times, 0.5),
      p95Ms: quantile(times, 0.95),
      worstMs: quantile(times, 1),
    };
  } finally {
    await app.close();
    await inspector.stop();
  }
}

export interface RecorderFigures {
  /** Finished attempts, each a start, an end, its run time and its wait. */
  readonly attempts: number;
  /** CPU time of all that metrics do for one of them. */
  readonly nsPerAttempt: number;
}

/** What metrics cost on the event path: the transitions of ordinary tasks, told again and again to the recorders alone. */
export function measureRecorder({ names = 200, attempts = 1_000_000 } = {}): RecorderFigures {
  const settings = defaults();
  const clock = new SystemClock();
  const families = new MetricFamilies(settings.maxSeries);
  const recorder = new TaskRecorder(
    clock,
    new TaskFamilies(families, settings),
    new ResultMetrics(families, settings),
    settings,
  );
  const counts = new EventCounts(clock, families);
  const batch = transitionsOf(names);
  const source = new FakeEngine({ name: 'main' }).source;
  const rounds = Math.ceil(attempts / names);
  const run = (times: number): void => {
    for (let round = 0; round < times; round += 1) {
      recorder.transitions(source, batch);
      counts.transitions(source, batch);
    }
  };
  run(Math.ceil(rounds / 10));
  const before = process.cpuUsage();
  run(rounds);
  const { user, system } = process.cpuUsage(before);
  return { attempts: rounds * names, nsPerAttempt: ((user + system) * 1000) / (rounds * names) };
}

async function startApp(inspector: QueueInspector, clock: Clock): Promise<NestExpressApplication> {
  @Module({})
  class ClockForBench {}
  @Module({})
  class Bench {}
  const clockModule: DynamicModule = {
    module: ClockForBench,
    global: true,
    providers: [{ provide: Clock, useValue: clock }],
    exports: [Clock],
  };
  const root: DynamicModule = {
    module: Bench,
    imports: [
      clockModule,
      QueueInspectorModule.with(inspector),
      AuthModule.forRoot({
        rules: LOCAL_RULES,
        limits: { ...DEFAULT_LIMITS, reads: 1e9 },
        tokens: new MemoryTokenStore(),
        audit: new MemoryAuditLog(),
        redact: (value) => value,
      }),
      MetricsModule.forRoot(defaults()),
    ],
  };
  const app = await NestFactory.create<NestExpressApplication>(root, { logger: ['error'] });
  // As the service does.
  app.disable('etag');
  return app.listen(0, '127.0.0.1').then(() => app);
}

function fill(engine: FakeEngine, queues: number, names: number): void {
  engine.setSnapshot({
    at: Date.now(),
    queues: Array.from({ length: queues }, (_, at) =>
      aQueue({ source: 'main', name: `queue-${at}`, length: at, oldestWaitingSeconds: at / 10 }),
    ),
    workers: Array.from({ length: WORKERS }, (_, at) =>
      aWorker({ source: 'main', name: `worker-${at}`, poolSize: 8, busy: at % 8, prefetchCount: 8 }),
    ),
    activeByName: new Map(Array.from({ length: names }, (_, at) => [nameOf(at), at])),
  });
  for (let round = 0; round < 20; round += 1) {
    for (let at = 0; at < names; at += 1) engine.emit(...eventsOf(at, `fill:${round}:${at}`));
  }
}

/** An ordinary task's life, every tenth one a failure. */
function eventsOf(at: number, id: string): readonly EngineEvent[] {
  const now = Date.now();
  const said = { name: nameOf(at), occurrence: 1, sentAt: now - 5000, eta: at % 5 === 0 ? now - 4500 : null };
  const runtimeMs = 10 + ((at * 7919) % 4000);
  const error = { type: 'ValueError', message: 'no data' };
  return [
    taskEvent('task-started', id, now - runtimeMs, said),
    at % 10 === 0
      ? taskEvent('task-failed', id, now, { ...said, runtimeMs, error })
      : taskEvent('task-succeeded', id, now, { ...said, runtimeMs, value: { rows: at, ok: true }, valueBytes: 24 }),
  ];
}

function transitionsOf(names: number): readonly Transition[] {
  const intake = new EventIntake(LIVE);
  const batch: Transition[] = [];
  intake.listen({
    transitions: (_, told) => {
      batch.push(...told);
    },
    notice: () => undefined,
  });
  const { source } = new FakeEngine({ name: 'main' });
  for (let at = 0; at < names; at += 1) intake.take(source, eventsOf(at, `task:${at}`));
  return batch;
}

function nameOf(at: number): string {
  return `app.tasks.module_${at % 20}.task_number_${at}`;
}

function defaults(): MetricsSettings {
  return metricsSettingsSchema.parse({});
}

function quantile(sorted: readonly number[], at: number): number {
  return sorted[Math.floor(at * (sorted.length - 1))] ?? Number.NaN;
}
