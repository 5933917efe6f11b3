import { metricsReference } from '../../src/metrics/reference.js';

const NAMES = new Set([...metricsReference().matchAll(/^\| `([a-z0-9_]+)` \|/gm)].map(([, name]) => name));
/** What Prometheus makes of a histogram. */
const SUFFIX = /_(bucket|sum|count)$/;

/** True for the name of a metric of the service, or of a series of one. */
export function knownMetric(name: string): boolean {
  return NAMES.has(name) || NAMES.has(name.replace(SUFFIX, ''));
}
