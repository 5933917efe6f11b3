import { type Dataset, dot } from '../data/dataset.js';
import type { TimeSlices } from '../time-slices.js';
import { DidNotConverge, type Hyperparameters, type Model, RUNAWAY } from './model.js';

/** A weighted sum of the features through a link function, learned by gradient descent. */
export class LinearModel implements Model {
  readonly #link: (sum: number) => number;
  readonly #learningRate: number;
  readonly #epochs: number;
  #weights = new Float64Array(0);
  #bias = 0;

  private constructor(link: (sum: number) => number, { learning_rate = 0.1, epochs = 100 }: Hyperparameters) {
    this.#link = link;
    this.#learningRate = learning_rate;
    this.#epochs = epochs;
  }

  static linearRegression(hyperparameters: Hyperparameters): LinearModel {
    return new LinearModel((sum) => sum, hyperparameters);
  }

  static logisticRegression(hyperparameters: Hyperparameters): LinearModel {
    return new LinearModel((sum) => 1 / (1 + Math.exp(-sum)), hyperparameters);
  }

  predict(row: Float64Array): number {
    return this.#link(dot(this.#weights, row) + this.#bias);
  }

  async fit(dataset: Dataset, slices: TimeSlices): Promise<void> {
    this.#weights = new Float64Array(dataset.rows[0]?.length ?? 0);
    this.#bias = 0;
    for (let epoch = 0; epoch < this.#epochs; epoch += 1) {
      this.#step(dataset);
      if (!(Math.abs(this.#bias) < RUNAWAY))
        throw new DidNotConverge(`weights ran away after ${epoch + 1} epochs at rate ${this.#learningRate}`);
      if (slices.due()) await slices.rest();
    }
  }

  #step({ rows, targets }: Dataset): void {
    const gradient = new Float64Array(this.#weights.length);
    let biasGradient = 0;
    for (const [place, row] of rows.entries()) {
      const error = this.predict(row) - (targets[place] ?? 0);
      biasGradient += error;
      for (let i = 0; i < row.length; i += 1) gradient[i] = (gradient[i] ?? 0) + error * (row[i] ?? 0);
    }
    const rate = this.#learningRate / rows.length;
    this.#bias -= rate * biasGradient;
    for (let i = 0; i < gradient.length; i += 1) this.#weights[i] = (this.#weights[i] ?? 0) - rate * (gradient[i] ?? 0);
  }
}
