import type { MetricsSettings } from '../config/metrics-settings.js';
import { taskMetrics } from './metric-definitions.js';
import type { MetricFamilies } from './metric-families.js';

/** The metrics counted from events. */
export class TaskFamilies {
  readonly total;
  readonly duration;
  readonly retries;
  readonly failures;
  readonly timeouts;
  readonly rejected;
  readonly wait;
  readonly etaDelta;
  readonly backendLatency;
  readonly activeTasks;
  readonly failureRate;
  readonly durationPercentile;

  constructor(families: MetricFamilies, settings: Pick<MetricsSettings, 'durationBuckets' | 'waitBuckets'>) {
    const definitions = taskMetrics(settings);
    this.total = families.counter(definitions.total);
    this.duration = families.histogram(definitions.duration);
    this.retries = families.counter(definitions.retries);
    this.failures = families.counter(definitions.failures);
    this.timeouts = families.counter(definitions.timeouts);
    this.rejected = families.counter(definitions.rejected);
    this.wait = families.histogram(definitions.wait);
    this.etaDelta = families.histogram(definitions.etaDelta);
    this.backendLatency = families.histogram(definitions.backendLatency);
    this.activeTasks = families.gauge(definitions.activeTasks);
    this.failureRate = families.gauge(definitions.failureRate);
    this.durationPercentile = families.gauge(definitions.durationPercentile);
  }
}
