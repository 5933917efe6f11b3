import {
  type AgentReport,
  type AgentResources,
  type AgentTotals,
  FACT_KINDS,
  PROTOCOL_VERSION,
  type TaskFact,
  type TotalsRow,
} from '../../../agent/protocol.js';
import { parseJson } from './parse-json.js';

/** A report of a hundred queues and a thousand rows of totals is a tenth of it. */
const MAX_REPORT = 1024 * 1024;
const MAX_ENTRY = 2 * 1024 * 1024;

/** Reports of other versions, of other writers, or cut ones are null. */
export function readReport(json: string | null): AgentReport | null {
  if (json === null || json.length > MAX_REPORT) return null;
  const o = objectOf(parseJson(json));
  if (!o || o.version !== PROTOCOL_VERSION) return null;
  const totals = readTotalsObject(o.totals);
  const [id, worker, host, software] = [text(o.id), text(o.worker), text(o.host), text(o.software)];
  if (id === null || worker === null || totals === null || !Array.isArray(o.queues)) return null;
  return {
    version: PROTOCOL_VERSION,
    id,
    worker,
    host: host ?? '',
    pid: whole(o.pid),
    software: software ?? '',
    processType: text(o.processType) ?? 'worker',
    startedAt: whole(o.startedAt),
    at: whole(o.at),
    heartbeatMs: Math.max(100, whole(o.heartbeatMs)),
    queues: o.queues.flatMap(readQueue),
    resources: readResources(o.resources),
    totals,
    totalsEntryId: text(o.totalsEntryId),
    closing: o.closing === true,
  };
}

export type AgentEntry =
  | { readonly agent: string; readonly kind: 'facts'; readonly facts: readonly TaskFact[] }
  | { readonly agent: string; readonly kind: 'totals'; readonly totals: AgentTotals };

/** One entry of the stream, its fields and values flat as Redis answers them. null where it cannot be used. */
export function readEntry(flat: readonly unknown[]): AgentEntry | null {
  let [agent, kind, body] = ['', '', ''];
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const value = text(flat[i + 1]) ?? '';
    if (flat[i] === 'agent') agent = value;
    else if (flat[i] === 'kind') kind = value;
    else if (flat[i] === 'body') body = value;
  }
  if (agent === '' || body.length > MAX_ENTRY) return null;
  const parsed = parseJson(body);
  if (kind === 'facts') {
    if (!Array.isArray(parsed)) return null;
    const facts: TaskFact[] = [];
    for (const one of parsed) {
      const fact = readFact(one);
      if (fact) facts.push(fact);
    }
    return { agent, kind, facts };
  }
  const totals = kind === 'totals' ? readTotalsObject(parsed) : null;
  return totals && { agent, kind: 'totals', totals };
}

const KINDS: ReadonlyMap<unknown, TaskFact['kind']> = new Map(FACT_KINDS.map((kind) => [kind, kind]));

/** null where it is none. Called for every fact there is: it makes one object, and no array. */
function readFact(o: unknown): TaskFact | null {
  if (!isObject(o)) return null;
  const kind = KINDS.get(o.kind);
  const { seq, prefix, queue, engine, error } = o;
  if (kind === undefined || typeof seq !== 'number' || typeof prefix !== 'string' || typeof queue !== 'string')
    return null;
  if (engine !== 'bull' && engine !== 'bullmq') return null;
  return {
    seq,
    kind,
    engine,
    prefix,
    queue,
    jobId: text(o.jobId) ?? '',
    jobName: text(o.jobName) ?? '',
    attempt: number(o.attempt) ?? 1,
    at: number(o.at) ?? 0,
    sentAt: number(o.sentAt),
    eta: number(o.eta),
    runtimeMs: number(o.runtimeMs),
    error: isObject(error) ? { type: text(error.type) ?? 'Error', message: text(error.message) ?? '' } : null,
    timedOut: o.timedOut === true,
    // JSON has no undefined: that is what says that there is none.
    result: o.result,
    resultBytes: whole(o.resultBytes),
  };
}

function readTotalsObject(value: unknown): AgentTotals | null {
  const o = objectOf(value);
  const seq = number(o?.seq);
  const rows = o?.rows;
  return seq === null || !Array.isArray(rows) ? null : { seq, rows: rows.flatMap(readRow) };
}

function readRow(value: unknown): TotalsRow[] {
  const o = objectOf(value);
  const kind = FACT_KINDS.find((known) => known === o?.kind);
  const [prefix, queue, jobName] = [text(o?.prefix), text(o?.queue), text(o?.jobName)];
  if (!o || !kind || kind === 'started' || prefix === null || queue === null || jobName === null) return [];
  if (o.engine !== 'bull' && o.engine !== 'bullmq') return [];
  return [
    {
      engine: o.engine,
      prefix,
      queue,
      jobName,
      kind,
      reason: text(o.reason),
      count: whole(o.count),
      timedOut: whole(o.timedOut),
    },
  ];
}

function readQueue(value: unknown): AgentReport['queues'][number][] {
  const o = objectOf(value);
  const [prefix, queue, token] = [text(o?.prefix), text(o?.queue), text(o?.token)];
  if (!o || prefix === null || queue === null || token === null) return [];
  const engine = o.engine === 'bullmq' ? 'bullmq' : 'bull';
  return [{ engine, prefix, queue, token, concurrency: whole(o.concurrency), busy: whole(o.busy) }];
}

function readResources(value: unknown): AgentResources | null {
  const o = objectOf(value);
  if (!o) return null;
  return {
    measuredAt: whole(o.measuredAt),
    memoryBytes: whole(o.memoryBytes),
    cpuPercent: number(o.cpuPercent) ?? 0,
    diskReadBytes: number(o.diskReadBytes),
    diskWriteBytes: number(o.diskWriteBytes),
    processCount: whole(o.processCount),
  };
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return isObject(value) ? value : null;
}

/** Without a copy of it: most of what an agent tells is read through this. */
function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function whole(value: unknown): number {
  return number(value) ?? 0;
}
