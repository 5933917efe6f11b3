import type { MetricsSettings, ResultRule } from '../config/metrics-settings.js';
import { counter, histogram } from './metric-definition.js';
import type { MetricFamilies } from './metric-families.js';
import { CompiledRule, type ResultMetric } from './result-rule.js';
import { TRAINING_AND_TUNING_RULES } from './training-and-tuning-rules.js';

/** Metrics made from what tasks return, by the rules that ship with the service and those of the configuration. */
export class ResultMetrics {
  readonly #families: MetricFamilies;
  readonly #metrics = new Map<string, { readonly rule: ResultRule; readonly metric: ResultMetric }>();
  readonly #rules: readonly CompiledRule[];

  /** Throws where a rule cannot be told from another metric of its name. */
  constructor(families: MetricFamilies, settings: Pick<MetricsSettings, 'trainingAndTuning' | 'resultRules'>) {
    this.#families = families;
    const shipped = settings.trainingAndTuning ? TRAINING_AND_TUNING_RULES : [];
    this.#rules = [
      ...shipped.map((rule) => new CompiledRule(rule, this.#metricOf(rule, 'shipped rule'))),
      ...settings.resultRules.map(
        (rule, at) => new CompiledRule(rule, this.#metricOf(rule, `metrics.resultRules[${at}].metric`)),
      ),
    ];
  }

  /** The rules that look at tasks of this name. O(rules): callers keep the answer. */
  rulesFor(taskName: string): readonly CompiledRule[] {
    return this.#rules.filter((rule) => rule.looksAt(taskName));
  }

  #metricOf(rule: ResultRule, where: string): ResultMetric {
    const known = this.#metrics.get(rule.metric);
    if (known !== undefined) {
      if (shapeOf(known.rule) === shapeOf(rule)) return known.metric;
      throw new Error(
        `${where}: expected the type, labels and buckets of the other rules for ${rule.metric}, ${shapeOf(known.rule)}, found ${shapeOf(rule)}`,
      );
    }
    if (this.#families.has(rule.metric)) {
      throw new Error(`${where}: expected a name that no other metric has, found "${rule.metric}"`);
    }
    const metric = this.#make(rule);
    this.#metrics.set(rule.metric, { rule, metric });
    return metric;
  }

  #make({ type, metric, labels, buckets = [], help }: ResultRule): ResultMetric {
    const own = Object.keys(labels);
    return type === 'counter'
      ? { type, family: this.#families.counter(counter(metric, [...own, 'source'], own, help)) }
      : { type, family: this.#families.histogram(histogram(metric, [...own, 'source'], own, buckets, help)) };
  }
}

function shapeOf(rule: ResultRule): string {
  return JSON.stringify({ type: rule.type, labels: Object.keys(rule.labels).sort(), buckets: rule.buckets ?? null });
}
