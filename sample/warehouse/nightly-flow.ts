import type { FlowJob } from 'bullmq';
import type { ChartRequest } from './chart.worker.js';
import type { ExtractRequest } from './extract.worker.js';
import { KEEP } from './warehouse-connection.js';

const SOURCES = ['orders', 'visits', 'payments', 'refunds'] as const;

/**
 * A report that is built when its extracts and charts are there: a parent with children in two other queues. Without an extract there is no
 * report; without a chart it has a gap. `missing` names a source whose table is gone.
 */
export function nightlyFlow(seed: number, missing: (typeof SOURCES)[number] | null = null): FlowJob {
  const extract = (source: string, place: number): FlowJob => ({
    name: 'extract_table',
    queueName: 'extracts',
    data: { source, seed: seed + place, gone: source === missing } satisfies ExtractRequest,
    opts: { ...KEEP, attempts: 5, backoff: { type: 'exponential', delay: 500 }, failParentOnFailure: true },
  });
  const chart = (kind: ChartRequest['kind'], place: number): FlowJob => ({
    name: 'draw_chart',
    queueName: 'charts',
    data: { kind, points: 2_000, seed: seed + place } satisfies ChartRequest,
    opts: { ...KEEP, ignoreDependencyOnFailure: true },
  });
  return {
    name: 'build_report',
    queueName: 'nightly',
    data: { seed },
    opts: KEEP,
    children: [...SOURCES.map(extract), chart('line', 10), chart('bars', 11)],
  };
}
