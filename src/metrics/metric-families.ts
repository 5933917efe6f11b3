import { CounterFamily } from './counter-family.js';
import { ExpositionRegistry } from './exposition-registry.js';
import { GaugeFamily } from './gauge-family.js';
import { HistogramFamily } from './histogram-family.js';
import type { CounterDefinition, GaugeDefinition, HistogramDefinition } from './metric-definition.js';

type Family = CounterFamily | GaugeFamily | HistogramFamily;

/** Makes metrics from their definitions, in a registry of its own: two services can live in one process. */
export class MetricFamilies {
  readonly registry = new ExpositionRegistry();
  readonly #maxSeries: number;
  readonly #all: Family[] = [];

  constructor(maxSeries: number) {
    this.#maxSeries = maxSeries;
  }

  counter(definition: CounterDefinition): CounterFamily {
    return this.#keep(new CounterFamily(definition, this.#maxSeries, this.registry));
  }

  gauge(definition: GaugeDefinition): GaugeFamily {
    return this.#keep(new GaugeFamily(definition, this.#maxSeries, this.registry));
  }

  histogram(definition: HistogramDefinition): HistogramFamily {
    return this.#keep(new HistogramFamily(definition, this.#maxSeries, this.registry));
  }

  has(name: string): boolean {
    return this.registry.getSingleMetric(name) !== undefined;
  }

  all(): readonly Family[] {
    return this.#all;
  }

  #keep<F extends Family>(family: F): F {
    this.#all.push(family);
    return family;
  }
}
