import type { ResultRule } from '../config/metrics-settings.js';

/*
 * The two examples of result rules that ship with the service. They read what a training or tuning task returns:
 * training: model_type, task_type, training_time, train_samples, n_features, status;
 * tuning: model_type, tuning_method, tuning_time, total_combinations, best_score, status.
 *
 * `result` is the word that the task itself puts into `status`, `success` where it puts none. A task that raises returns nothing, so no
 * rule can know its model: such a failure is in celery_task_total{status="failure"} under the task's name, and in no metric here.
 */

/** Words by which a task that returns says that it has not done its work. */
const FAILED = ['failed', 'failure', 'error', 'FAILED', 'FAILURE', 'ERROR'];

const TRAINING = {
  tasks: '*',
  requires: ['model_type', 'training_time'],
  lacks: ['tuning_method'],
  when: {},
  unless: {},
};
const FAILED_TRAINING = {
  tasks: '*',
  requires: ['model_type', 'task_type'],
  lacks: ['tuning_method', 'training_time'],
  when: { status: FAILED },
  unless: {},
};
const TUNING = { tasks: '*', requires: ['tuning_method', 'tuning_time'], lacks: [], when: {}, unless: {} };
const FAILED_TUNING = {
  tasks: '*',
  requires: ['tuning_method'],
  lacks: ['tuning_time'],
  when: { status: FAILED },
  unless: {},
};

const modelType = { path: 'model_type', default: 'unknown' };
const taskType = { path: 'task_type', default: 'unknown' };
const tuningMethod = { path: 'tuning_method', default: 'unknown' };
const result = { path: 'status', default: 'success' };

const TRAINING_RESULT = {
  metric: 'model_training_result_total',
  type: 'counter',
  help: 'Trainings by the result they reported.',
  labels: { model_type: modelType, result },
} as const;
const TUNING_RESULT = {
  metric: 'hyperparameter_tuning_result_total',
  type: 'counter',
  help: 'Tunings by the result they reported.',
  labels: { model_type: modelType, tuning_method: tuningMethod, result },
} as const;

export const TRAINING_AND_TUNING_RULES: readonly ResultRule[] = [
  {
    ...TRAINING,
    metric: 'model_training_duration_seconds',
    type: 'histogram',
    help: 'How long training a model took, in seconds.',
    value: 'training_time',
    buckets: [10, 30, 60, 120, 300, 600, 1800, 3600, 7200],
    labels: { model_type: modelType, task_type: taskType },
  },
  {
    ...TRAINING,
    metric: 'model_training_samples',
    type: 'histogram',
    help: 'Samples a model was trained on.',
    value: 'train_samples',
    buckets: [100, 500, 1000, 5000, 10_000, 50_000, 100_000, 500_000, 1_000_000],
    labels: { model_type: modelType },
  },
  {
    ...TRAINING,
    metric: 'model_training_features',
    type: 'histogram',
    help: 'Features a model was trained on.',
    value: 'n_features',
    buckets: [5, 10, 20, 50, 100, 200, 500, 1000],
    labels: { model_type: modelType },
  },
  { ...TRAINING, ...TRAINING_RESULT },
  { ...FAILED_TRAINING, ...TRAINING_RESULT },
  {
    ...TRAINING,
    unless: { status: FAILED },
    metric: 'models_trained_total',
    type: 'counter',
    help: 'Models trained.',
    labels: { model_type: modelType, task_type: taskType },
  },
  {
    ...TUNING,
    metric: 'hyperparameter_tuning_duration_seconds',
    type: 'histogram',
    help: 'How long tuning the hyperparameters of a model took, in seconds.',
    value: 'tuning_time',
    buckets: [60, 300, 600, 1800, 3600, 7200, 14_400, 28_800],
    labels: { model_type: modelType, tuning_method: tuningMethod },
  },
  {
    ...TUNING,
    metric: 'hyperparameter_tuning_iterations',
    type: 'histogram',
    help: 'Combinations of hyperparameters that a tuning tried.',
    value: 'total_combinations',
    buckets: [5, 10, 20, 50, 100, 200, 500, 1000],
    labels: { tuning_method: tuningMethod },
  },
  {
    ...TUNING,
    metric: 'hyperparameter_tuning_best_score',
    type: 'histogram',
    help: 'Best score that a tuning reached.',
    value: 'best_score',
    buckets: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1],
    labels: { model_type: modelType, tuning_method: tuningMethod },
  },
  { ...TUNING, ...TUNING_RESULT },
  { ...FAILED_TUNING, ...TUNING_RESULT },
];
