import { type Dataset, dot } from '../data/dataset.js';
import { SeededRandom } from '../data/random.js';
import type { TimeSlices } from '../time-slices.js';
import { DidNotConverge, type Hyperparameters, type Model, RUNAWAY } from './model.js';

/** One hidden layer of tanh units, learned row by row by stochastic gradient descent on the squared error. */
export class NeuralNetwork implements Model {
  readonly #hidden: number;
  readonly #learningRate: number;
  readonly #epochs: number;
  #inner: Float64Array[] = [];
  #outer = new Float64Array(0);
  #bias = 0;

  constructor({ hidden = 8, learning_rate = 0.02, epochs = 20 }: Hyperparameters) {
    this.#hidden = hidden;
    this.#learningRate = learning_rate;
    this.#epochs = epochs;
  }

  predict(row: Float64Array): number {
    return dot(this.#outer, this.#activate(row)) + this.#bias;
  }

  async fit(dataset: Dataset, slices: TimeSlices): Promise<void> {
    const features = dataset.rows[0]?.length ?? 0;
    const random = new SeededRandom(features * 1000 + this.#hidden);
    const scale = 1 / Math.sqrt(Math.max(1, features));
    this.#inner = Array.from({ length: this.#hidden }, () =>
      Float64Array.from({ length: features }, () => random.gaussian() * scale),
    );
    this.#outer = Float64Array.from({ length: this.#hidden }, () => random.gaussian() * 0.1);
    this.#bias = 0;
    for (let epoch = 0; epoch < this.#epochs; epoch += 1) {
      for (const [place, row] of dataset.rows.entries()) {
        this.#learn(row, dataset.targets[place] ?? 0);
        if (slices.due()) await slices.rest();
      }
      if (!(Math.abs(this.#bias) < RUNAWAY))
        throw new DidNotConverge(`weights ran away after ${epoch + 1} epochs at rate ${this.#learningRate}`);
    }
  }

  #activate(row: Float64Array): Float64Array {
    return Float64Array.from(this.#inner, (weights) => Math.tanh(dot(weights, row)));
  }

  #learn(row: Float64Array, target: number): void {
    const active = this.#activate(row);
    const step = this.#learningRate * (dot(this.#outer, active) + this.#bias - target);
    this.#bias -= step;
    for (const [unit, weights] of this.#inner.entries()) {
      const activation = active[unit] ?? 0;
      const outer = this.#outer[unit] ?? 0;
      this.#outer[unit] = outer - step * activation;
      const innerStep = step * outer * (1 - activation * activation);
      for (let i = 0; i < weights.length; i += 1) weights[i] = (weights[i] ?? 0) - innerStep * (row[i] ?? 0);
    }
  }
}
