import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { Clock } from '../core/clock.js';
import type { QueueInspector } from '../queue-inspector/queue-inspector.js';
import type { CounterFamily } from './counter-family.js';
import type { EventCounts } from './event-counts.js';
import type { GaugeFamily } from './gauge-family.js';
import type { MetricFamilies } from './metric-families.js';
import { SERVICE_METRICS } from './service-metric-definitions.js';
import type { SourceLook } from './source-look.js';

const NS_PER_SECOND = 1e9;
const MS_PER_SECOND = 1000;
const DELAY_RESOLUTION_MS = 20;

/** The service about itself, at each scrape. */
export class ServiceMetrics {
  readonly #inspector: QueueInspector;
  readonly #clock: Clock;
  readonly #events: EventCounts;
  readonly #families: MetricFamilies;
  readonly #gauges: ReturnType<typeof gaugesOf>;
  readonly #counters: ReturnType<typeof countersOf>;
  readonly #loopDelay: IntervalHistogram;
  readonly #startedAt: number;
  #scrapeMs: number | null = null;

  constructor(inspector: QueueInspector, clock: Clock, events: EventCounts, families: MetricFamilies, version: string) {
    this.#inspector = inspector;
    this.#clock = clock;
    this.#events = events;
    this.#families = families;
    this.#gauges = gaugesOf(families);
    this.#counters = countersOf(families);
    this.#startedAt = clock.now();
    this.#loopDelay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
    this.#loopDelay.enable();
    this.#gauges.buildInfo.show((set) => set(1, version, process.versions.node));
  }

  scrapeTook(ms: number): void {
    this.#scrapeMs = ms;
  }

  stop(): void {
    this.#loopDelay.disable();
  }

  collect(looks: readonly SourceLook[]): void {
    this.#collectSources(looks);
    this.#collectSelf();
  }

  #collectSources(looks: readonly SourceLook[]): void {
    const now = this.#clock.monotonic();
    const wallNow = this.#clock.now();
    const gauges = this.#gauges;
    const perSource = (gauge: GaugeFamily, value: (look: SourceLook) => number | null): void =>
      gauge.show((set) => {
        for (const look of looks) set(value(look), look.view.source.name);
      });
    gauges.sourceUp.show((set) => {
      for (const { view, problem } of looks) set(Number(problem === null), view.source.name, view.source.engine);
    });
    perSource(gauges.connections, ({ view }) => view.cost.connections);
    perSource(gauges.brokerMemory, ({ snapshot, view }) => (snapshot && view.broker?.memory.usedBytes) ?? null);
    // 0 says that there is none, and no ratio is to be made of it.
    perSource(gauges.brokerMemoryLimit, ({ snapshot, view }) => (snapshot && view.broker?.memory.maxBytes) || null);
    perSource(gauges.brokerClients, ({ snapshot, view }) => (snapshot && view.broker?.clients.connected) ?? null);
    perSource(gauges.pollDuration, ({ view }) => inSeconds(view.pollMs));
    perSource(gauges.snapshotAge, ({ view }) => inSeconds(view.snapshot === null ? null : wallNow - view.snapshot.at));
    perSource(gauges.lastEventAge, ({ view }) => {
      const heard = this.#events.heard(view.source.name);
      return heard === undefined ? null : inSeconds(now - heard.at);
    });
    perSource(gauges.eventLag, ({ view }) => inSeconds(this.#events.heard(view.source.name)?.lagMs ?? null));

    // The engines keep these totals themselves.
    const { reconnects, commands, bytesRead } = this.#counters;
    for (const { view } of looks) {
      reconnects.series(view.source.name).value = view.cost.reconnects;
      commands.series(view.source.name).value = view.cost.commands;
      bytesRead.series(view.source.name).value = view.cost.bytesRead;
    }
  }

  #collectSelf(): void {
    const gauges = this.#gauges;
    const alone = (gauge: GaugeFamily, value: number | null): void => gauge.show((set) => set(value));
    const live = this.#inspector.liveStats();
    alone(gauges.liveTasks, live.tasks);
    alone(gauges.liveBytes, live.bytes);
    alone(gauges.scrapeDuration, inSeconds(this.#scrapeMs));
    alone(gauges.heap, process.memoryUsage().heapUsed);
    alone(gauges.startTime, this.#startedAt / MS_PER_SECOND);
    alone(gauges.eventLoopDelay, this.#loopDelay.count === 0 ? null : this.#loopDelay.percentile(99) / NS_PER_SECOND);
    this.#loopDelay.reset();
    this.#counters.forgotten.series().value = live.forgottenUnfinished;
    for (const { definition, overflow } of this.#families.all()) {
      if (definition.open.length > 0) this.#counters.labelOverflow.series(definition.name).value = overflow;
    }
  }
}

function inSeconds(ms: number | null): number | null {
  return ms === null ? null : ms / MS_PER_SECOND;
}

function gaugesOf(families: MetricFamilies) {
  return {
    buildInfo: families.gauge(SERVICE_METRICS.buildInfo),
    sourceUp: families.gauge(SERVICE_METRICS.sourceUp),
    connections: families.gauge(SERVICE_METRICS.connections),
    brokerMemory: families.gauge(SERVICE_METRICS.brokerMemory),
    brokerMemoryLimit: families.gauge(SERVICE_METRICS.brokerMemoryLimit),
    brokerClients: families.gauge(SERVICE_METRICS.brokerClients),
    pollDuration: families.gauge(SERVICE_METRICS.pollDuration),
    snapshotAge: families.gauge(SERVICE_METRICS.snapshotAge),
    lastEventAge: families.gauge(SERVICE_METRICS.lastEventAge),
    eventLag: families.gauge(SERVICE_METRICS.eventLag),
    liveTasks: families.gauge(SERVICE_METRICS.liveTasks),
    liveBytes: families.gauge(SERVICE_METRICS.liveBytes),
    scrapeDuration: families.gauge(SERVICE_METRICS.scrapeDuration),
    eventLoopDelay: families.gauge(SERVICE_METRICS.eventLoopDelay),
    heap: families.gauge(SERVICE_METRICS.heap),
    startTime: families.gauge(SERVICE_METRICS.startTime),
  };
}

function countersOf(
  families: MetricFamilies,
): Record<'reconnects' | 'commands' | 'bytesRead' | 'forgotten' | 'labelOverflow', CounterFamily> {
  return {
    reconnects: families.counter(SERVICE_METRICS.reconnects),
    commands: families.counter(SERVICE_METRICS.commands),
    bytesRead: families.counter(SERVICE_METRICS.bytesRead),
    forgotten: families.counter(SERVICE_METRICS.forgotten),
    labelOverflow: families.counter(SERVICE_METRICS.labelOverflow),
  };
}
