import type { Dataset } from '../data/dataset.js';
import type { TimeSlices } from '../time-slices.js';
import type { Hyperparameters, Model } from './model.js';

interface Leaf {
  readonly value: number;
}

interface Branch {
  readonly feature: number;
  readonly threshold: number;
  readonly below: Node;
  readonly above: Node;
}

type Node = Leaf | Branch;

interface Cut {
  readonly feature: number;
  readonly threshold: number;
  readonly spread: number;
}

/** Splits where the squares around the two means are least; for targets of 0 and 1 that is the Gini rule. */
export class DecisionTree implements Model {
  readonly #maxDepth: number;
  readonly #minSamples: number;
  #root: Node = { value: 0 };

  constructor({ max_depth = 6, min_samples = 5 }: Hyperparameters) {
    this.#maxDepth = max_depth;
    this.#minSamples = Math.max(1, min_samples);
  }

  predict(row: Float64Array): number {
    let node = this.#root;
    while ('feature' in node) node = (row[node.feature] ?? 0) <= node.threshold ? node.below : node.above;
    return node.value;
  }

  async fit(dataset: Dataset, slices: TimeSlices): Promise<void> {
    this.#root = await this.#grow(dataset, [...dataset.rows.keys()], 0, slices);
  }

  async #grow(dataset: Dataset, places: readonly number[], depth: number, slices: TimeSlices): Promise<Node> {
    const leaf = { value: mean(dataset, places) };
    if (depth >= this.#maxDepth || places.length < 2 * this.#minSamples) return leaf;
    const cut = await this.#bestCut(dataset, places, slices);
    if (cut === null) return leaf;
    const { feature, threshold } = cut;
    const isBelow = (place: number): boolean => (dataset.rows[place]?.[feature] ?? 0) <= threshold;
    return {
      feature,
      threshold,
      below: await this.#grow(dataset, places.filter(isBelow), depth + 1, slices),
      above: await this.#grow(
        dataset,
        places.filter((place) => !isBelow(place)),
        depth + 1,
        slices,
      ),
    };
  }

  async #bestCut(dataset: Dataset, places: readonly number[], slices: TimeSlices): Promise<Cut | null> {
    let best: Cut | null = null;
    const features = dataset.rows[0]?.length ?? 0;
    for (let feature = 0; feature < features; feature += 1) {
      const cut = this.#bestCutOf(feature, dataset, places);
      if (cut !== null && (best === null || cut.spread < best.spread)) best = cut;
      if (slices.due()) await slices.rest();
    }
    return best;
  }

  /** One pass over the sorted values with running sums. */
  #bestCutOf(feature: number, { rows, targets }: Dataset, places: readonly number[]): Cut | null {
    const sorted = places
      .map((place) => ({ x: rows[place]?.[feature] ?? 0, y: targets[place] ?? 0 }))
      .sort((a, b) => a.x - b.x);
    const total = sorted.reduce((sum, { y }) => sum + y, 0);
    const squares = sorted.reduce((sum, { y }) => sum + y * y, 0);
    let best: Cut | null = null;
    let sumBelow = 0;
    for (const [place, { x, y }] of sorted.entries()) {
      sumBelow += y;
      const below = place + 1;
      const above = sorted.length - below;
      const next = sorted[below];
      if (above < this.#minSamples || next === undefined) break;
      if (below < this.#minSamples || next.x === x) continue;
      const spread = squares - (sumBelow * sumBelow) / below - ((total - sumBelow) * (total - sumBelow)) / above;
      if (best === null || spread < best.spread) best = { feature, threshold: (x + next.x) / 2, spread };
    }
    return best;
  }
}

function mean({ targets }: Dataset, places: readonly number[]): number {
  return places.reduce((sum, place) => sum + (targets[place] ?? 0), 0) / Math.max(1, places.length);
}
