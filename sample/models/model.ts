import type { Dataset } from '../data/dataset.js';
import type { TimeSlices } from '../time-slices.js';

export const MODEL_TYPES = [
  'linear_regression',
  'logistic_regression',
  'decision_tree',
  'k_nearest_neighbours',
  'neural_network',
] as const;
export type ModelType = (typeof MODEL_TYPES)[number];

export type Hyperparameters = Readonly<Record<string, number>>;

export interface Model {
  /** Learns from a data set; may take seconds, in slices. */
  fit(dataset: Dataset, slices: TimeSlices): Promise<void>;
  /** Of regression the value, of classification a number that is above one half for class 1. */
  predict(row: Float64Array): number;
}

/** Beyond this a weight no longer learns anything. */
export const RUNAWAY = 1e9;

/** The weights grew without end: the learning rate is too high for this data. */
export class DidNotConverge extends Error {
  override readonly name = 'DidNotConverge';
}
