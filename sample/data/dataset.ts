import { SeededRandom } from './random.js';

export const TASK_TYPES = ['classification', 'regression'] as const;
export type TaskType = (typeof TASK_TYPES)[number];

/** Rows of features, and for each what a model should say: 0 or 1, or any number. */
export interface Dataset {
  readonly taskType: TaskType;
  readonly rows: readonly Float64Array[];
  readonly targets: Float64Array;
}

export interface DatasetRequest {
  readonly taskType: TaskType;
  readonly samples: number;
  readonly features: number;
  readonly seed: number;
}

/** A hidden linear rule with one bend in it, and noise: linear models do well on it, trees and networks better. */
export function generateDataset({ taskType, samples, features, seed }: DatasetRequest): Dataset {
  const random = new SeededRandom(seed);
  const weights = Float64Array.from({ length: features }, () => random.gaussian());
  const rows = Array.from({ length: samples }, () => Float64Array.from({ length: features }, () => random.gaussian()));
  const targets = Float64Array.from(rows, (row) => {
    const value = dot(weights, row) + Math.abs(row[0] ?? 0) + random.gaussian() * 0.3;
    return taskType === 'regression' ? value : Number(value > 0.8);
  });
  return { taskType, rows, targets };
}

/** The rows at the given places, in that order. */
export function subset(dataset: Dataset, places: readonly number[]): Dataset {
  const rows: Float64Array[] = [];
  const targets = new Float64Array(places.length);
  for (const place of places) {
    const row = dataset.rows[place];
    if (row === undefined) throw new RangeError(`no row ${place} among ${dataset.rows.length}`);
    targets[rows.length] = dataset.targets[place] ?? 0;
    rows.push(row);
  }
  return { taskType: dataset.taskType, rows, targets };
}

/** Every `folds`-th row, beginning with `fold`, is for testing; the others are for training. */
export function split(
  dataset: Dataset,
  folds: number,
  fold: number,
): { readonly train: Dataset; readonly test: Dataset } {
  const places = [...dataset.rows.keys()];
  return {
    train: subset(
      dataset,
      places.filter((place) => place % folds !== fold),
    ),
    test: subset(
      dataset,
      places.filter((place) => place % folds === fold),
    ),
  };
}

export function dot(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < left.length; i += 1) sum += (left[i] ?? 0) * (right[i] ?? 0);
  return sum;
}
