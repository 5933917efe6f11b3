import { Histogram } from 'prom-client';
import type { ExpositionRegistry, TextMetric } from './exposition-registry.js';
import { header, sample } from './exposition-text.js';
import type { HistogramDefinition } from './metric-definition.js';
import { type Series, type SeriesIdentity, SeriesTable } from './series-table.js';

export class HistogramSeries implements Series {
  readonly identity: SeriesIdentity;
  readonly bounds: readonly number[];
  /** Not cumulative; the last one counts what exceeds every bound. */
  readonly counts: Float64Array;
  sum = 0;
  count = 0;

  constructor(identity: SeriesIdentity, bounds: readonly number[]) {
    this.identity = identity;
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    // NaN or Infinity would spoil the sum for good.
    if (!Number.isFinite(value)) return;
    const { bounds, counts } = this;
    let at = 0;
    while (at < bounds.length && value > (bounds[at] ?? 0)) at += 1;
    counts[at] = (counts[at] ?? 0) + 1;
    this.sum += value;
    this.count += 1;
  }
}

/** A histogram of prom-client's whose numbers are ours: see `ExpositionRegistry`. */
export class HistogramFamily extends Histogram<string> implements TextMetric {
  readonly name: string;
  readonly definition: HistogramDefinition;
  readonly #table: SeriesTable<HistogramSeries>;
  /** The values of `le`. */
  readonly #bounds: readonly string[];

  constructor(definition: HistogramDefinition, maxSeries: number, registry: ExpositionRegistry) {
    const { name, help, labels, buckets } = definition;
    super({ name, help, labelNames: labels, buckets: [...buckets], registers: [registry] });
    this.name = name;
    this.definition = definition;
    this.#bounds = [...buckets.map(String), '+Inf'];
    this.#table = new SeriesTable(definition, maxSeries, (identity) => new HistogramSeries(identity, buckets));
    registry.add(this);
  }

  /** Look it up once and keep it. */
  series(...values: readonly string[]): HistogramSeries {
    return this.#table.series(values);
  }

  all(): IterableIterator<HistogramSeries> {
    return this.#table.all();
  }

  /** How many observations went to `__other__`. */
  get overflow(): number {
    let sum = 0;
    for (const { identity, count } of this.#table.all()) if (identity.folded) sum += count;
    return sum;
  }

  text(): string {
    const { name, help, type } = this.definition;
    const bucket = `${name}_bucket`;
    const [sumName, countName] = [`${name}_sum`, `${name}_count`];
    const bounds = this.#bounds.map((le) => `le="${le}",`);
    let text = header(name, help, type);
    for (const { identity, counts, sum, count } of this.#table.all()) {
      let below = 0;
      for (let at = 0; at < bounds.length; at += 1) {
        below += counts[at] ?? 0;
        text += sample(bucket, `${bounds[at]}${identity.text}`, below);
      }
      text += sample(sumName, identity.text, sum) + sample(countName, identity.text, count);
    }
    return text;
  }

  /** What prom-client's own histogram has for its registry; its `get` builds on this too, and on `sharedLabels`. */
  async getForPromString() {
    const { name, help, type } = this.definition;
    const values = Array.from(this.#table.all(), ({ identity: { labels }, counts, sum, count }) => {
      const value = (suffix: string, own: object, number: number) => ({
        metricName: `${name}_${suffix}`,
        labels: { ...own, ...labels },
        sharedLabels: {},
        value: number,
      });
      let below = 0;
      const buckets = this.#bounds.map((le, at) => {
        below += counts[at] ?? 0;
        return value('bucket', { le }, below);
      });
      return [...buckets, value('sum', {}, sum), value('count', {}, count)];
    });
    return { name, help, type, values: values.flat() };
  }
}
