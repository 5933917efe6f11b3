import { describe, expect, test } from '@jest/globals';
import { type ResultRule, resultRuleSchema } from '../../../src/config/metrics-settings.js';
import { attempt, recording, total } from './recording.js';

const TRAINED = {
  model_type: 'forest',
  task_type: 'classification',
  training_time: 42,
  train_samples: 800,
  n_features: 12,
  status: 'success',
};
const TUNED = { model_type: 'svm', tuning_method: 'grid', tuning_time: 400, total_combinations: 27, best_score: 0.93 };

const returning = (value: unknown, name = 'train') => attempt('task-succeeded', name, { value });
const rule = (said: object): ResultRule =>
  resultRuleSchema.parse({ metric: 'x_total', help: 'x', type: 'counter', ...said });

describe('training and tuning metrics', () => {
  test('come from what a training returns', async () => {
    const { feed, value, lines } = recording();
    feed(...returning(TRAINED));

    expect(
      await value('model_training_duration_seconds_sum{model_type="forest",task_type="classification",source="main"}'),
    ).toBe(42);
    expect(await value('model_training_samples_sum{model_type="forest",source="main"}')).toBe(800);
    expect(await value('model_training_features_sum{model_type="forest",source="main"}')).toBe(12);
    expect(await value('model_training_result_total{model_type="forest",result="success",source="main"}')).toBe(1);
    expect(await value('models_trained_total{model_type="forest",task_type="classification",source="main"}')).toBe(1);
    expect(await lines('hyperparameter_')).toEqual([]);
  });

  test('come from what a tuning returns, which is no training; without a status it was a success', async () => {
    const { feed, value, lines } = recording();
    feed(...returning(TUNED));

    expect(
      await value('hyperparameter_tuning_duration_seconds_sum{model_type="svm",tuning_method="grid",source="main"}'),
    ).toBe(400);
    expect(await value('hyperparameter_tuning_iterations_sum{tuning_method="grid",source="main"}')).toBe(27);
    expect(
      await value(
        'hyperparameter_tuning_best_score_bucket{le="0.95",model_type="svm",tuning_method="grid",source="main"}',
      ),
    ).toBe(1);
    expect(
      await value(
        'hyperparameter_tuning_result_total{model_type="svm",tuning_method="grid",result="success",source="main"}',
      ),
    ).toBe(1);
    expect(await lines('model')).toEqual([]);
  });

  test('tell failures that a task returns; a task that raises returns nothing', async () => {
    const { feed, lines, value } = recording();
    feed(
      ...returning({ model_type: 'forest', task_type: 'regression', status: 'failed', error: 'no data' }),
      ...returning({ ...TRAINED, status: 'failed' }),
      ...returning({ model_type: 'svm', tuning_method: 'grid', status: 'error' }),
      ...attempt('task-failed', 'train', { value: TRAINED }),
    );

    expect(await value('model_training_result_total{model_type="forest",result="failed",source="main"}')).toBe(2);
    expect(
      await value(
        'hyperparameter_tuning_result_total{model_type="svm",tuning_method="grid",result="error",source="main"}',
      ),
    ).toBe(1);
    expect(await lines('models_trained_total')).toEqual([]);
    expect(total(await lines('model_training_duration_seconds_count'))).toBe(1);
  });

  test('can be left out', async () => {
    const { feed, lines } = recording({ trainingAndTuning: false });
    feed(...returning(TRAINED));

    expect(await lines('model')).toEqual([]);
  });

  test('ignore results that are no objects, or only look alike', async () => {
    const { feed, lines } = recording();
    for (const value of [
      null,
      'model_type',
      3,
      [TRAINED],
      { model_type: null, training_time: 3 },
      { predictions: [], model_type: 'svm' },
    ]) {
      feed(...returning(value));
    }

    expect(await lines('model')).toEqual([]);
  });
});

describe('result rules', () => {
  test('look at the tasks they name, by beginning or whole name', async () => {
    const { feed, lines } = recording({
      resultRules: [
        rule({ metric: 'a_total', tasks: 'app.mail.*' }),
        rule({ metric: 'b_total', tasks: 'app.mail.send' }),
      ],
    });
    feed(...returning({}, 'app.mail.send'), ...returning({}, 'app.mail.receive'), ...returning({}, 'app.other'));

    expect(await lines('a_total')).toEqual(['a_total{source="main"} 2']);
    expect(await lines('b_total')).toEqual(['b_total{source="main"} 1']);
  });

  test('still tell names apart that share __other__', async () => {
    const { feed, lines } = recording({ maxSeries: 10, resultRules: [rule({ metric: 'a_total', tasks: 'late' })] });
    for (let at = 0; at < 20; at += 1) feed(...returning({}, `early-${at}`));
    feed(...returning({}, 'late'), ...returning({}, 'later'));

    expect(await lines('a_total')).toEqual(['a_total{source="main"} 1']);
  });

  test('read nested fields, and only own ones', async () => {
    const { feed, lines } = recording({
      resultRules: [
        rule({ metric: 'deep_total', labels: { unit: { path: 'metrics.unit' } }, requires: ['metrics.rmse'] }),
        rule({ metric: 'proto_total', requires: ['__proto__'] }),
        rule({ metric: 'constructor_total', requires: ['constructor.name'] }),
      ],
    });
    feed(...returning({ metrics: { rmse: 0, unit: 'km' } }), ...returning({ metrics: null }));

    expect(await lines('deep_total')).toEqual(['deep_total{unit="km",source="main"} 1']);
    expect(await lines('proto_total')).toEqual([]);
    expect(await lines('constructor_total')).toEqual([]);
  });

  test('observe numbers only', async () => {
    const { feed, lines } = recording({
      resultRules: [rule({ metric: 'score', type: 'histogram', value: 'score', buckets: [0, 1] })],
    });
    for (const score of ['0.5', Number.NaN, Number.POSITIVE_INFINITY, {}, 0.5, -2]) feed(...returning({ score }));

    expect(await lines('score')).toEqual([
      'score_bucket{le="0",source="main"} 1',
      'score_bucket{le="1",source="main"} 2',
      'score_bucket{le="+Inf",source="main"} 2',
      'score_sum{source="main"} -1.5',
      'score_count{source="main"} 2',
    ]);
  });

  test('keep the label sets of a metric within the cap', async () => {
    const { feed, lines } = recording({ maxSeries: 10, resultRules: [rule({ labels: { who: { path: 'who' } } })] });
    for (let at = 0; at < 100; at += 1) feed(...returning({ who: `user-${at}` }));

    expect(await lines('x_total')).toHaveLength(11);
    expect(await lines('x_total')).toContain('x_total{who="__other__",source="main"} 90');
  });

  test('refuse the name of another metric, and another shape under the same name', () => {
    expect(() => recording({ resultRules: [rule({ metric: 'celery_task_total' })] })).toThrow(
      'metrics.resultRules[0].metric: expected a name that no other metric has, found "celery_task_total"',
    );
    expect(() => recording({ resultRules: [rule({}), rule({ labels: { who: { value: 'me' } } })] })).toThrow(
      'metrics.resultRules[1].metric: expected the type, labels and buckets of the other rules for x_total',
    );
  });

  test.each([
    [{ type: 'histogram' }, '`value` and `buckets` in a histogram'],
    [{ value: 'a' }, '`value` and `buckets` in a histogram, and neither in a counter'],
    [{ type: 'histogram', value: 'a', buckets: [2, 1] }, 'bucket bounds in rising order'],
    [{ labels: { source: { value: 'x' } } }, 'a label name other than `le` and `source`'],
    [{ labels: { __proto: { value: 'x' } } }, 'a label name'],
  ])('are checked when they are read: %j', (said, problem) => {
    const { error } = resultRuleSchema.safeParse({ metric: 'x_total', help: 'x', type: 'counter', ...said });

    expect(error?.message).toContain(problem);
  });
});
