import { describe, expect, test } from '@jest/globals';
import { generateDataset, split, TASK_TYPES } from '../../../sample/data/dataset.js';
import { createModel, modelTypesFor } from '../../../sample/models/create-model.js';
import { DidNotConverge } from '../../../sample/models/model.js';
import { score } from '../../../sample/models/score.js';
import { TimeSlices } from '../../../sample/time-slices.js';

const restless = (): TimeSlices => new TimeSlices(null, 50, 0);

describe.each(TASK_TYPES)('on %s', (taskType) => {
  const { train, test: unseen } = split(generateDataset({ taskType, samples: 600, features: 4, seed: 7 }), 4, 0);

  test.each(modelTypesFor(taskType))('%s does much better than chance on rows it has not seen', async (type) => {
    const model = createModel(type);

    await model.fit(train, restless());

    expect(await score(model, unseen, restless())).toBeGreaterThan(taskType === 'classification' ? 0.75 : 0.5);
  });
});

describe('a model', () => {
  const dataset = generateDataset({ taskType: 'regression', samples: 200, features: 4, seed: 7 });

  test.each([
    ['linear_regression', 40],
    ['neural_network', 50],
  ] as const)('%s says so when its learning rate makes it run away', async (type, rate) => {
    await expect(createModel(type, { learning_rate: rate }).fit(dataset, restless())).rejects.toThrow(DidNotConverge);
  });

  test('stops between two slices when it is told to', async () => {
    const stop = new AbortController();
    stop.abort(new Error('revoked'));

    await expect(createModel('decision_tree').fit(dataset, new TimeSlices(stop.signal, 0, 0))).rejects.toThrow(
      'revoked',
    );
  });
});
