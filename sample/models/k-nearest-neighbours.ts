import type { Dataset } from '../data/dataset.js';
import type { Hyperparameters, Model } from './model.js';

/** Says what the nearest known rows say on average. Learns nothing beforehand, so all its work is in the asking. */
export class KNearestNeighbours implements Model {
  readonly #k: number;
  #known: Dataset | null = null;

  constructor({ k = 5 }: Hyperparameters) {
    this.#k = k;
  }

  async fit(dataset: Dataset): Promise<void> {
    this.#known = dataset;
  }

  predict(row: Float64Array): number {
    if (this.#known === null) return 0;
    const { rows, targets } = this.#known;
    const nearest = rows
      .map((known, place) => ({ distance: squaredDistance(known, row), target: targets[place] ?? 0 }))
      .sort((a, b) => a.distance - b.distance)
      .slice(0, this.#k);
    return nearest.reduce((sum, { target }) => sum + target, 0) / Math.max(1, nearest.length);
  }
}

function squaredDistance(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < left.length; i += 1) sum += ((left[i] ?? 0) - (right[i] ?? 0)) ** 2;
  return sum;
}
