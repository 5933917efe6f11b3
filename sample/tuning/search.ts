import type { Dataset } from '../data/dataset.js';
import { split } from '../data/dataset.js';
import { createModel } from '../models/create-model.js';
import type { Hyperparameters, ModelType } from '../models/model.js';
import { score } from '../models/score.js';
import type { TimeSlices } from '../time-slices.js';

const FOLDS = 3;

export interface Best {
  readonly hyperparameters: Hyperparameters;
  readonly score: number;
}

/** Tries each combination by cross validation and keeps the best. Tells after each how many are done. */
export async function search(
  type: ModelType,
  combinations: readonly Hyperparameters[],
  dataset: Dataset,
  slices: TimeSlices,
  onTried: (done: number) => Promise<void> = async () => {},
): Promise<Best> {
  let best: Best = { hyperparameters: {}, score: 0 };
  for (const [place, hyperparameters] of combinations.entries()) {
    const found = await crossValidate(type, hyperparameters, dataset, slices);
    if (place === 0 || found > best.score) best = { hyperparameters, score: found };
    await onTried(place + 1);
  }
  return best;
}

/** The mean score over the folds, each of which is held back once. */
async function crossValidate(
  type: ModelType,
  hyperparameters: Hyperparameters,
  dataset: Dataset,
  slices: TimeSlices,
): Promise<number> {
  let sum = 0;
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const { train, test } = split(dataset, FOLDS, fold);
    const model = createModel(type, hyperparameters);
    await model.fit(train, slices);
    sum += await score(model, test, slices);
  }
  return sum / FOLDS;
}
