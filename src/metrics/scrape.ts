import type { Clock } from '../core/clock.js';
import type { QueueInspector } from '../queue-inspector/queue-inspector.js';
import type { MetricFamilies } from './metric-families.js';
import type { ServiceMetrics } from './service-metrics.js';
import type { SnapshotCollector } from './snapshot-collector.js';
import { lookAtSources } from './source-look.js';
import type { TaskGauges } from './task-gauges.js';

/** Prometheus gives up on a scrape after 10 s by default; a source that takes longer than this is reported as down instead. */
const LOOK_WITHIN_MS = 2000;

export interface Collectors {
  readonly tasks: TaskGauges;
  readonly snapshot: SnapshotCollector;
  readonly service: ServiceMetrics;
}

/** Makes the text that Prometheus reads. Scrapes at the same time share one. */
export class Scrape {
  readonly #inspector: QueueInspector;
  readonly #clock: Clock;
  readonly #families: MetricFamilies;
  readonly #collectors: Collectors;
  #inFlight: Promise<string> | null = null;

  constructor(inspector: QueueInspector, clock: Clock, families: MetricFamilies, collectors: Collectors) {
    this.#inspector = inspector;
    this.#clock = clock;
    this.#families = families;
    this.#collectors = collectors;
  }

  get contentType(): string {
    return this.#families.registry.contentType;
  }

  text(): Promise<string> {
    this.#inFlight ??= this.#take().finally(() => {
      this.#inFlight = null;
    });
    return this.#inFlight;
  }

  async #take(): Promise<string> {
    const began = this.#clock.monotonic();
    const looks = await lookAtSources(this.#inspector, LOOK_WITHIN_MS);
    await this.#collectors.snapshot.collect(looks);
    this.#collectors.tasks.collect(looks);
    this.#collectors.service.collect(looks);
    const text = await this.#families.registry.metrics();
    this.#collectors.service.scrapeTook(this.#clock.monotonic() - began);
    return text;
  }
}
