import { Gauge } from 'prom-client';
import type { ExpositionRegistry, TextMetric } from './exposition-registry.js';
import { header, sample } from './exposition-text.js';
import type { GaugeDefinition } from './metric-definition.js';
import { type Series, type SeriesIdentity, SeriesTable } from './series-table.js';

class GaugeSeries implements Series {
  readonly identity: SeriesIdentity;
  value = 0;
  /** The look it was last set in. */
  look = 0;

  constructor(identity: SeriesIdentity) {
    this.identity = identity;
  }
}

/** null is "cannot know", and a series that does not exist says so. */
export type SetGauge = (value: number | null, ...values: readonly string[]) => void;

/** A gauge of prom-client's that holds what one look showed: what the next look does not set has vanished, and so has its series. */
export class GaugeFamily extends Gauge<string> implements TextMetric {
  readonly name: string;
  readonly definition: GaugeDefinition;
  readonly #table: SeriesTable<GaugeSeries>;
  #look = 0;
  #overflow = 0;

  constructor(definition: GaugeDefinition, maxSeries: number, registry: ExpositionRegistry) {
    super({ name: definition.name, help: definition.help, labelNames: definition.labels, registers: [registry] });
    this.name = definition.name;
    this.definition = definition;
    this.#table = new SeriesTable(definition, maxSeries, (identity) => new GaugeSeries(identity));
    registry.add(this);
  }

  /** Label sets that had to share `__other__`, added up over all looks. */
  get overflow(): number {
    return this.#overflow;
  }

  /** Replaces everything. A label set that is already shown keeps its series as long as every look sets it. */
  show(fill: (set: SetGauge) => void): void {
    this.#look += 1;
    fill((value, ...values) => {
      if (value !== null) this.#put(value, values);
    });
    this.#table.retain((series) => series.look === this.#look);
  }

  text(): string {
    const { name, help, type } = this.definition;
    let text = header(name, help, type);
    for (const { identity, value } of this.#shown()) text += sample(name, identity.text, value);
    return text;
  }

  override async get() {
    const values = this.#shown().map(({ identity, value }) => ({ labels: { ...identity.labels }, value }));
    return { ...(await super.get()), values };
  }

  #shown(): readonly GaugeSeries[] {
    const all = [...this.#table.all()];
    return this.definition.fold === 'none' ? all.filter(({ identity }) => !identity.folded) : all;
  }

  #put(value: number, values: readonly string[]): void {
    const series = this.#table.series(values);
    if (series.identity.folded) this.#overflow += 1;
    series.value = series.look === this.#look ? this.#join(series.value, value) : value;
    series.look = this.#look;
  }

  #join(a: number, b: number): number {
    const { fold } = this.definition;
    switch (fold) {
      case 'sum':
        return a + b;
      case 'max':
        return Math.max(a, b);
      case 'min':
        return Math.min(a, b);
      case 'none':
        return b;
      default:
        return fold satisfies never;
    }
  }
}
