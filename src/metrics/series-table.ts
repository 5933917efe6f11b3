import { labelsText } from './exposition-text.js';
import { labelValue, OTHER } from './label-value.js';
import type { MetricDefinition } from './metric-definition.js';

/** What makes a series this series. */
export interface SeriesIdentity {
  readonly labels: Readonly<Record<string, string>>;
  /** The labels as they are exposed: made once, because a scrape writes tens of thousands of lines. */
  readonly text: string;
  /** Shared by label sets beyond the maximum. */
  readonly folded: boolean;
}

export interface Series {
  readonly identity: SeriesIdentity;
}

/** Cleaned values hold no control characters, so this keeps them apart. */
const SEPARATOR = '\u0000';

/**
 * The series of one metric, capped. The first `maxSeries` label sets get a series each; every further one shares the series in which the
 * open labels are `__other__`, so that the sum over a metric stays exact. A label set once admitted stays until it is dropped, because a
 * counter that moved between its own series and the shared one would seem to have been reset.
 */
export class SeriesTable<S extends Series> {
  readonly #definition: MetricDefinition;
  readonly #maxSeries: number;
  readonly #make: (identity: SeriesIdentity) => S;
  readonly #series = new Map<string, S>();
  #admitted = 0;

  constructor(definition: MetricDefinition, maxSeries: number, make: (identity: SeriesIdentity) => S) {
    this.#definition = definition;
    this.#maxSeries = maxSeries;
    this.#make = make;
  }

  /** Values in the order of the definition's labels. Not for the hot path: callers keep what they get. */
  series(values: readonly string[]): S {
    const clean = values.map(labelValue);
    const key = clean.join(SEPARATOR);
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const { labels, open } = this.#definition;
    const bounded = open.length === 0;
    const isOther = !bounded && labels.every((label, at) => !open.includes(label) || clean[at] === OTHER);
    if (bounded || (this.#admitted < this.#maxSeries && !isOther)) {
      this.#admitted += 1;
      return this.#add(key, clean, false);
    }
    const rest = clean.map((value, at) => (open.includes(labels[at] ?? '') ? OTHER : value));
    const restKey = rest.join(SEPARATOR);
    return this.#series.get(restKey) ?? this.#add(restKey, rest, true);
  }

  all(): IterableIterator<S> {
    return this.#series.values();
  }

  /** Drops the series that have ended, which makes room for others. */
  retain(lasts: (series: S) => boolean): void {
    for (const [key, series] of this.#series) {
      if (lasts(series)) continue;
      this.#series.delete(key);
      if (!series.identity.folded) this.#admitted -= 1;
    }
  }

  #add(key: string, values: readonly string[], folded: boolean): S {
    const labels = Object.fromEntries(this.#definition.labels.map((label, at) => [label, values[at] ?? '']));
    const made = this.#make(Object.freeze({ labels: Object.freeze(labels), text: labelsText(labels), folded }));
    this.#series.set(key, made);
    return made;
  }
}
