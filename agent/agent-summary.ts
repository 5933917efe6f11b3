import type { AgentConnection } from './agent-connection.js';
import type { AgentSettings } from './agent-options.js';
import type { Instrumented } from './instrumented.js';
import { agentKeys } from './protocol.js';
import type { Totals } from './totals.js';

interface QueueSummary {
  readonly name: string;
  /** Waiting for a worker, in a paused queue too. */
  readonly waiting: number | null;
  readonly active: number | null;
  readonly delayed: number | null;
}

/** The shape of `GET /api/v1/celery/metrics/summary`, as far as a worker can know it. */
export interface AgentSummary {
  /** Workers with an agent that were heard of within three heartbeats. */
  readonly workers: { readonly total: number | null };
  readonly tasks: {
    /** Over the instrumented queues, whichever worker runs them. */
    readonly active: number | null;
    readonly total_pending: number | null;
    /** Attempts that ended in this process. */
    readonly finished_here: {
      readonly success: number;
      readonly failure: number;
      readonly retry: number;
      readonly revoked: number;
    };
  };
  readonly queues: readonly QueueSummary[];
}

/** One round trip: a count of a sorted set, and a handful of constant-time lengths per queue. */
export async function summarise(
  connection: AgentConnection | null,
  settings: Pick<AgentSettings, 'heartbeatMs'>,
  instrumented: readonly Instrumented[],
  totals: Totals,
): Promise<AgentSummary> {
  const since = Date.now() - 3 * settings.heartbeatMs;
  // Several queue objects, or workers, may stand for one queue.
  const distinct = [
    ...new Map(instrumented.map((queue) => [`${queue.engine} ${queue.prefix}:${queue.queue}`, queue])).values(),
  ];
  const [workers, queues] = await Promise.all([
    known(connection?.redis.zcount(agentKeys.agents, since, '+inf')),
    Promise.all(distinct.map((queue) => lengthsOf(connection, queue))),
  ]);
  const active = sum(queues.map((queue) => queue.active));
  const waiting = sum(queues.map((queue) => queue.waiting));
  return {
    workers: { total: workers },
    tasks: {
      active,
      total_pending: sum([active, waiting, ...queues.map((queue) => queue.delayed)]),
      finished_here: {
        success: totals.sum('succeeded'),
        failure: totals.sum('failed'),
        retry: totals.sum('retried'),
        revoked: totals.sum('revoked'),
      },
    },
    queues,
  };
}

async function lengthsOf(connection: AgentConnection | null, queue: Instrumented): Promise<QueueSummary> {
  const key = (part: string): string => `${queue.prefix}:${queue.queue}:${part}`;
  const redis = connection?.redis;
  const [wait, paused, prioritized, active, delayed, last] = await Promise.all([
    known(redis?.llen(key('wait'))),
    known(redis?.llen(key('paused'))),
    // Bull keeps those with a priority among the others; BullMQ puts them aside.
    queue.engine === 'bullmq' ? known(redis?.zcard(key('prioritized'))) : 0,
    known(redis?.llen(key('active'))),
    known(redis?.zcard(key('delayed'))),
    queue.engine === 'bullmq' ? known(redis?.lindex(key('wait'), -1)) : null,
  ]);
  // BullMQ 4 wakes its workers by a marker at the list's end: no job has such an id.
  const marker = typeof last === 'string' && last.startsWith('0:') ? -1 : 0;
  return { name: queue.queue, waiting: sum([wait, paused, prioritized, marker]), active, delayed };
}

/** Redis is away, or says no: then this number is not known, which is no reason to have none of the others. */
async function known<T>(answer: Promise<T> | undefined): Promise<T | null> {
  if (answer === undefined) return null;
  return answer.catch(() => null);
}

function sum(numbers: readonly (number | null)[]): number | null {
  return numbers.reduce((total, number) => (total === null || number === null ? null : total + number), 0);
}
