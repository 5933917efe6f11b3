/** A metric, told once: everything that exposes, documents or checks it reads this. */
export interface MetricDefinition {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /**
   * Labels whose values come from outside in any number. Beyond the maximum of label sets these become `__other__`; the other labels
   * have few values and are kept.
   */
  readonly open: readonly string[];
}

export interface CounterDefinition extends MetricDefinition {
  readonly type: 'counter';
}

export interface HistogramDefinition extends MetricDefinition {
  readonly type: 'histogram';
  readonly buckets: readonly number[];
}

/** How gauges that share `__other__` become one number: none means that no such number would be true, and they are left out. */
export type GaugeFold = 'sum' | 'max' | 'min' | 'none';

export interface GaugeDefinition extends MetricDefinition {
  readonly type: 'gauge';
  readonly fold: GaugeFold;
}

export function counter(
  name: string,
  labels: readonly string[],
  open: readonly string[],
  help: string,
): CounterDefinition {
  return { type: 'counter', name, help, labels, open };
}

export function histogram(
  name: string,
  labels: readonly string[],
  open: readonly string[],
  buckets: readonly number[],
  help: string,
): HistogramDefinition {
  return { type: 'histogram', name, help, labels, open, buckets };
}

export function gauge(
  name: string,
  labels: readonly string[],
  open: readonly string[],
  fold: GaugeFold,
  help: string,
): GaugeDefinition {
  return { type: 'gauge', name, help, labels, open, fold };
}
