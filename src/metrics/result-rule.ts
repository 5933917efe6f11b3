import type { ResultRule } from '../config/metrics-settings.js';
import type { CounterFamily } from './counter-family.js';
import { FieldPath } from './field-path.js';
import type { HistogramFamily } from './histogram-family.js';

export type ResultMetric =
  | { readonly type: 'counter'; readonly family: CounterFamily }
  | { readonly type: 'histogram'; readonly family: HistogramFamily };

type Condition = readonly [FieldPath, ReadonlySet<unknown>];

interface LabelReader {
  readonly path: FieldPath | null;
  readonly fallback: string;
}

/** One rule, ready to be applied: paths split, values in sets, its metric at hand. */
export class CompiledRule {
  readonly #tasks: string;
  readonly #requires: readonly FieldPath[];
  readonly #lacks: readonly FieldPath[];
  readonly #when: readonly Condition[];
  readonly #unless: readonly Condition[];
  readonly #value: FieldPath | null;
  /** In the order of the metric's labels, without its last, `source`. */
  readonly #labels: readonly LabelReader[];
  readonly #metric: ResultMetric;

  constructor(rule: ResultRule, metric: ResultMetric) {
    this.#tasks = rule.tasks;
    this.#requires = rule.requires.map((path) => new FieldPath(path));
    this.#lacks = rule.lacks.map((path) => new FieldPath(path));
    this.#when = conditions(rule.when);
    this.#unless = conditions(rule.unless);
    this.#value = rule.value === undefined ? null : new FieldPath(rule.value);
    this.#metric = metric;
    const labels = new Map(Object.entries(rule.labels));
    this.#labels = metric.family.definition.labels.slice(0, -1).map((name) => {
      const label = labels.get(name);
      if (label === undefined) return { path: null, fallback: '' };
      return 'path' in label
        ? { path: new FieldPath(label.path), fallback: label.default }
        : { path: null, fallback: label.value };
    });
  }

  looksAt(taskName: string): boolean {
    return this.#tasks.endsWith('*') ? taskName.startsWith(this.#tasks.slice(0, -1)) : taskName === this.#tasks;
  }

  apply(source: string, result: object): void {
    if (!this.#matches(result)) return;
    if (this.#metric.type === 'counter') {
      this.#metric.family.series(...this.#labelsOf(result), source).value += 1;
      return;
    }
    const value = this.#value?.read(result);
    if (typeof value === 'number') this.#metric.family.series(...this.#labelsOf(result), source).observe(value);
  }

  #matches(result: object): boolean {
    for (const path of this.#requires) if (path.read(result) === undefined) return false;
    for (const path of this.#lacks) if (path.read(result) !== undefined) return false;
    for (const [path, allowed] of this.#when) if (!allowed.has(path.read(result))) return false;
    for (const [path, refused] of this.#unless) if (refused.has(path.read(result))) return false;
    return true;
  }

  #labelsOf(result: object): readonly string[] {
    return this.#labels.map(({ path, fallback }) => labelText(path?.read(result)) ?? fallback);
  }
}

function conditions(said: ResultRule['when']): readonly Condition[] {
  return Object.entries(said).map(([path, values]) => [
    new FieldPath(path),
    new Set<unknown>(Array.isArray(values) ? values : [values]),
  ]);
}

function labelText(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}
