import type { SeededRandom } from '../data/random.js';
import type { Hyperparameters, ModelType } from '../models/model.js';

type SearchSpace = Readonly<Record<string, readonly [number, ...number[]]>>;

const SPACES: Readonly<Record<ModelType, SearchSpace>> = {
  linear_regression: { learning_rate: [0.01, 0.05, 0.2], epochs: [50, 200] },
  logistic_regression: { learning_rate: [0.05, 0.2, 1], epochs: [50, 200] },
  decision_tree: { max_depth: [2, 4, 6], min_samples: [2, 8] },
  k_nearest_neighbours: { k: [1, 3, 5, 9, 15] },
  neural_network: { hidden: [4, 8], learning_rate: [0.01, 0.05], epochs: [10, 25] },
};

/** Every combination of the values tried for each hyperparameter. */
export function gridOf(type: ModelType): readonly Hyperparameters[] {
  let grid: readonly Hyperparameters[] = [{}];
  for (const [name, values] of Object.entries(SPACES[type])) {
    grid = grid.flatMap((combination) => values.map((value) => ({ ...combination, [name]: value })));
  }
  return grid;
}

/** Combinations drawn between the smallest and the largest value of each hyperparameter; whole numbers stay whole. */
export function randomOf(type: ModelType, count: number, random: SeededRandom): readonly Hyperparameters[] {
  return Array.from({ length: count }, () =>
    Object.fromEntries(
      Object.entries(SPACES[type]).map(([name, values]) => {
        const low = Math.min(...values);
        const high = Math.max(...values);
        const whole = values.every(Number.isInteger);
        return [name, whole ? random.between(low, high) : low + random.next() * (high - low)];
      }),
    ),
  );
}
