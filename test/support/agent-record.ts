import type { Redis } from 'ioredis';
import type {
  AgentReport,
  AgentTotals,
  ControlAnswer,
  ControlRequest,
  TaskFact,
  TotalsRow,
} from '../../agent/protocol.js';
import { agentKeys } from '../../agent/protocol.js';

/** What one agent has written to Redis so far. */
export interface AgentRecord {
  readonly report: AgentReport;
  /** In the order of the stream, repeated ones included. */
  readonly facts: readonly TaskFact[];
  /** Each with the facts that stood before it in the stream. */
  readonly totals: readonly { readonly entry: AgentTotals; readonly factsBefore: number }[];
}

export async function readAgents(redis: Redis): Promise<readonly AgentRecord[]> {
  const entries = await redis.xrange(agentKeys.facts, '-', '+');
  const ids = await redis.zrange(agentKeys.agents, 0, -1);
  const reports = await Promise.all(ids.map((id) => redis.get(agentKeys.report(id))));
  return reports.map((json) => {
    const report: AgentReport = JSON.parse(json ?? 'null');
    const facts: TaskFact[] = [];
    const totals: { entry: AgentTotals; factsBefore: number }[] = [];
    for (const [, [, agent, , kind, , body = '']] of entries) {
      if (agent !== report.id) continue;
      if (kind === 'facts') facts.push(...JSON.parse(body));
      else totals.push({ entry: JSON.parse(body), factsBefore: facts.length });
    }
    return { report, facts, totals };
  });
}

/** Tasks that run in this worker, over all its queues. */
export function busyOf(report: AgentReport): number {
  return report.queues.reduce((sum, queue) => sum + queue.busy, 0);
}

/** `name kind reason` and how often, over all agents. */
export function countTotals(records: readonly AgentRecord[]): Record<string, number> {
  return count(records.flatMap(({ report }) => report.totals.rows.map((row) => [keyOf(row), row.count])));
}

/** The same counted from the facts, each number once. */
export function countFacts(records: readonly AgentRecord[]): Record<string, number> {
  return count(
    records.flatMap(({ facts }) =>
      [...new Map(facts.map((fact) => [fact.seq, fact])).values()]
        .filter(({ kind }) => kind !== 'started')
        .map((fact) => [keyOf({ ...fact, reason: fact.kind === 'retried' ? (fact.error?.type ?? null) : null }), 1]),
    ),
  );
}

/** Sends a request to stop a job and waits for one answer; null where nobody answers within `withinSeconds`. */
export async function requestCancel(
  redis: Redis,
  request: Pick<ControlRequest, 'queue' | 'jobId'> & Partial<ControlRequest>,
  withinSeconds = 3,
): Promise<ControlAnswer | null> {
  const requestId = `test-${request.queue}-${request.jobId}-${Date.now()}`;
  const whole: ControlRequest = {
    version: 1,
    requestId,
    command: 'cancel',
    engine: 'bull',
    prefix: 'bull',
    signal: 'SIGTERM',
    ...request,
  };
  await redis.publish(agentKeys.control(0), JSON.stringify(whole));
  const answer = await redis.blpop(agentKeys.answer(requestId), withinSeconds);
  return answer === null ? null : JSON.parse(answer[1]);
}

function keyOf({ jobName, kind, reason }: Pick<TotalsRow, 'jobName' | 'reason'> & { readonly kind: string }): string {
  return [jobName, kind, reason].filter((part) => part !== null).join(' ');
}

function count(pairs: readonly (readonly [string, number])[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [key, number] of pairs) counts[key] = (counts[key] ?? 0) + number;
  return counts;
}
