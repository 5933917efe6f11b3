import type { Dataset } from '../data/dataset.js';
import type { TimeSlices } from '../time-slices.js';
import type { Model } from './model.js';

/** From 0 to 1: the share of right answers, or for regression R² (what is worse than the mean counts as 0). */
export async function score(model: Model, { taskType, rows, targets }: Dataset, slices: TimeSlices): Promise<number> {
  let right = 0;
  let residual = 0;
  let total = 0;
  const mean = targets.reduce((sum, target) => sum + target, 0) / Math.max(1, targets.length);
  for (const [place, row] of rows.entries()) {
    const target = targets[place] ?? 0;
    const answer = model.predict(row);
    if (answer > 0.5 === target > 0.5) right += 1;
    residual += (answer - target) ** 2;
    total += (target - mean) ** 2;
    if (slices.due()) await slices.rest();
  }
  if (taskType === 'classification') return right / Math.max(1, rows.length);
  return total === 0 ? 0 : Math.max(0, 1 - residual / total);
}
