import type { TaskType } from '../data/dataset.js';
import { DecisionTree } from './decision-tree.js';
import { KNearestNeighbours } from './k-nearest-neighbours.js';
import { LinearModel } from './linear-model.js';
import type { Hyperparameters, Model, ModelType } from './model.js';
import { NeuralNetwork } from './neural-network.js';

export function createModel(type: ModelType, hyperparameters: Hyperparameters = {}): Model {
  switch (type) {
    case 'linear_regression':
      return LinearModel.linearRegression(hyperparameters);
    case 'logistic_regression':
      return LinearModel.logisticRegression(hyperparameters);
    case 'decision_tree':
      return new DecisionTree(hyperparameters);
    case 'k_nearest_neighbours':
      return new KNearestNeighbours(hyperparameters);
    case 'neural_network':
      return new NeuralNetwork(hyperparameters);
    default: {
      const unknown: never = type;
      throw new TypeError(`unknown model type ${String(unknown)}`);
    }
  }
}

/** Models that can learn this kind of task. */
export function modelTypesFor(taskType: TaskType): readonly [ModelType, ...ModelType[]] {
  const linear = taskType === 'regression' ? 'linear_regression' : 'logistic_regression';
  return [linear, 'decision_tree', 'k_nearest_neighbours', 'neural_network'];
}
