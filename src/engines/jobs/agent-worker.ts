import type { AgentEngine, AgentReport } from '../../../agent/protocol.js';
import type { Worker, WorkerStatus } from '../../core/worker.js';

export interface AgentStanding {
  readonly source: string;
  readonly engine: AgentEngine;
  readonly status: WorkerStatus;
  /** Epoch milliseconds of our own clock. */
  readonly lastSeenAt: number;
  /** How a queue of an agent is shown. */
  readonly labelOf: (prefix: string, queue: string) => string;
}

/** The worker that an agent reports, as far as it serves queues of one library: those of the other one are another source's. */
export function workerOfAgent(report: AgentReport, standing: AgentStanding): Worker {
  const { source, engine, status, lastSeenAt, labelOf } = standing;
  const { resources, totals } = report;
  const queues = report.queues.filter((its) => its.engine === engine);
  return {
    source,
    engine,
    name: report.worker,
    status,
    host: report.host || null,
    pid: report.pid || null,
    software: report.software || null,
    startedAt: report.startedAt || null,
    lastSeenAt,
    queues: queues.map((its) => labelOf(its.prefix, its.queue)),
    poolSize: queues.reduce((sum, its) => sum + its.concurrency, 0),
    busy: isGone(status) ? 0 : queues.reduce((sum, its) => sum + its.busy, 0),
    // Workers take a job only when they can run it.
    prefetchCount: 0,
    autoscale: null,
    eventsEnabled: null,
    processed: totals.rows.reduce((sum, row) => sum + (row.engine === engine ? row.count : 0), 0),
    resources: resources && { ...resources, processType: report.processType },
    agent: true,
  };
}

export function isGone(status: WorkerStatus): boolean {
  return status === 'lost' || status === 'offline';
}
