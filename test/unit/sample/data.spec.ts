import { describe, expect, test } from '@jest/globals';
import { generateDataset, split } from '../../../sample/data/dataset.js';
import { InvalidDataset, imputeMissing, scaleFeatures } from '../../../sample/data/preprocess.js';
import { SeededRandom } from '../../../sample/data/random.js';
import { SampleSettings } from '../../../sample/sample-settings.js';
import { TimeSlices } from '../../../sample/time-slices.js';
import { search } from '../../../sample/tuning/search.js';
import { gridOf, randomOf } from '../../../sample/tuning/search-space.js';

const slices = new TimeSlices(null, 50, 0);

describe('data', () => {
  test('is the same for the same seed, and another for another', () => {
    const request = { taskType: 'classification', samples: 50, features: 3, seed: 1 } as const;

    expect(generateDataset(request)).toEqual(generateDataset(request));
    expect(generateDataset({ ...request, seed: 2 })).not.toEqual(generateDataset(request));
  });

  test('has both classes in fair shares', () => {
    const { targets } = generateDataset({ taskType: 'classification', samples: 1_000, features: 5, seed: 3 });

    const ones = targets.reduce((sum, target) => sum + target, 0);

    expect(ones).toBeGreaterThan(250);
    expect(ones).toBeLessThan(750);
  });

  test('is split so that every row is in one part', () => {
    const { train, test: held } = split(
      generateDataset({ taskType: 'regression', samples: 10, features: 1, seed: 1 }),
      5,
      2,
    );

    expect([train.rows.length, held.rows.length]).toEqual([8, 2]);
  });
});

describe('preprocessing', () => {
  test('puts the mean where a value is missing', async () => {
    const rows = [Float64Array.of(1, Number.NaN), Float64Array.of(3, 5), Float64Array.of(Number.NaN, 7)];

    expect(await imputeMissing(rows, slices)).toBe(2);
    expect(rows.map((row) => [...row])).toEqual([
      [1, 6],
      [3, 5],
      [2, 7],
    ]);
  });

  test('cannot make up a column of which nothing is known', async () => {
    await expect(imputeMissing([Float64Array.of(Number.NaN)], slices)).rejects.toThrow(InvalidDataset);
  });

  test('scales columns to mean 0 and deviation 1', async () => {
    const rows = [Float64Array.of(1, 4), Float64Array.of(3, 4)];

    await scaleFeatures(rows, slices);

    expect(rows.map((row) => [...row])).toEqual([
      [-1, 0],
      [1, 0],
    ]);
  });
});

describe('tuning', () => {
  const dataset = generateDataset({ taskType: 'classification', samples: 150, features: 3, seed: 5 });

  test('tries every combination of a grid, and keeps the best', async () => {
    const grid = gridOf('decision_tree');
    const tried: number[] = [];

    const best = await search('decision_tree', grid, dataset, slices, async (done) => void tried.push(done));

    expect(grid).toHaveLength(6);
    expect(tried).toEqual([1, 2, 3, 4, 5, 6]);
    expect(grid).toContainEqual(best.hyperparameters);
    expect(best.score).toBeGreaterThan(0.7);
  });

  test('draws random combinations within the bounds; whole numbers stay whole', () => {
    for (const { hidden = 0, learning_rate = 0 } of randomOf('neural_network', 50, new SeededRandom(1))) {
      expect([4, 5, 6, 7, 8]).toContain(hidden);
      expect(learning_rate).toBeGreaterThanOrEqual(0.01);
      expect(learning_rate).toBeLessThan(0.05);
    }
  });
});

describe('the sample’s settings', () => {
  test('are calm by default, and say what is wrong', () => {
    expect(new SampleSettings({}).rate).toBe(1);
    expect(() => new SampleSettings({ SAMPLE_RATE: 'fast' })).toThrow('got fast');
    expect(() => new SampleSettings({ SAMPLE_REDIS_URL: 'localhost' })).toThrow('SAMPLE_REDIS_URL');
  });
});
