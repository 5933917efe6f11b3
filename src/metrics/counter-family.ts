import { Counter } from 'prom-client';
import type { ExpositionRegistry, TextMetric } from './exposition-registry.js';
import { header, sample } from './exposition-text.js';
import type { CounterDefinition } from './metric-definition.js';
import { type Series, type SeriesIdentity, SeriesTable } from './series-table.js';

/** A plain number that is counted up where it is used. */
export class CounterSeries implements Series {
  readonly identity: SeriesIdentity;
  value = 0;

  constructor(identity: SeriesIdentity) {
    this.identity = identity;
  }
}

/** A counter of prom-client's whose numbers are ours: see `ExpositionRegistry`. */
export class CounterFamily extends Counter<string> implements TextMetric {
  readonly name: string;
  readonly definition: CounterDefinition;
  readonly #table: SeriesTable<CounterSeries>;

  constructor(definition: CounterDefinition, maxSeries: number, registry: ExpositionRegistry) {
    super({ name: definition.name, help: definition.help, labelNames: definition.labels, registers: [registry] });
    this.name = definition.name;
    this.definition = definition;
    this.#table = new SeriesTable(definition, maxSeries, (identity) => new CounterSeries(identity));
    registry.add(this);
  }

  /** Look it up once and keep it. */
  series(...values: readonly string[]): CounterSeries {
    return this.#table.series(values);
  }

  retain(lasts: (series: CounterSeries) => boolean): void {
    this.#table.retain(lasts);
  }

  all(): IterableIterator<CounterSeries> {
    return this.#table.all();
  }

  /** What has been added up under `__other__`. */
  get overflow(): number {
    let sum = 0;
    for (const { identity, value } of this.#table.all()) if (identity.folded) sum += value;
    return sum;
  }

  text(): string {
    const { name, help, type } = this.definition;
    let text = header(name, help, type);
    for (const { identity, value } of this.#table.all()) text += sample(name, identity.text, value);
    return text;
  }

  override async get() {
    const values = Array.from(this.#table.all(), ({ identity, value }) => ({ labels: { ...identity.labels }, value }));
    return { ...(await super.get()), values };
  }
}
