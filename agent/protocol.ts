/**
 * What an agent and the service say to each other, through the Redis that holds the queues. Imported by both sides.
 *
 * Facts travel in one bounded stream, so that they outlive the service's own restarts; each entry is a batch. Totals travel in the same
 * stream, in order: when the reader meets a totals entry, every fact it covers has either been read before or is lost for good, and the
 * difference is the exact number lost, by name and outcome. Requests to stop a task travel by publish/subscribe, answers by a list.
 *
 * All keys share one hash tag, so that they live in one slot of a Redis Cluster.
 */
export const PROTOCOL_VERSION = 1;

/** Entries kept in the facts stream, approximately. At 100 batches a second this is over a quarter of an hour. */
export const FACTS_MAX_ENTRIES = 100_000;

export const HEARTBEAT_MS = 2_000;

/** A report outlives its agent by this long, so that the last totals can still be read. */
export const REPORT_TTL_MS = 24 * 60 * 60 * 1000;

/** A result larger than this, as JSON, does not travel; `resultBytes` still tells its size. */
export const MAX_RESULT_BYTES = 16 * 1024;

/** Totals of names, or of reasons, beyond the rows a report may hold. A fact whose combination has no row of its own is counted here. */
export const OTHER = '__other__';

/** Job name of a task that Bull, or BullMQ 4, failed as stalled and, by its own `removeOnFail`, erased before anybody could read it; its id is ''. */
export const UNKNOWN_JOB_NAME = '__unknown__';

export const agentKeys = {
  /** Stream of StreamEntry. */
  facts: '{taskscope}:facts',
  /** Sorted set: agent id by last heartbeat, epoch milliseconds. */
  agents: '{taskscope}:agents',
  /** String: AgentReport as JSON, with a time to live. */
  report: (agentId: string): string => `{taskscope}:agent:${agentId}`,
  /** Channel of ControlRequest. Publish/subscribe knows no database numbers, so the name carries it. */
  control: (database: number): string => `{taskscope}:${database}:control`,
  /** List of ControlAnswer, with a time to live of a minute. */
  answer: (requestId: string): string => `{taskscope}:answer:${requestId}`,
} as const;

export type AgentEngine = 'bull' | 'bullmq';

/** Which queue a fact or a token belongs to. Names and prefixes are the library's own, as the application wrote them. */
export interface AgentQueue {
  readonly engine: AgentEngine;
  readonly prefix: string;
  readonly queue: string;
}

export const FACT_KINDS = ['started', 'succeeded', 'failed', 'retried', 'revoked'] as const;
/**
 * succeeded and failed are final, retried is a failed attempt that will be repeated, revoked is one that ended because it was asked to.
 * Each is told only after the library has confirmed the change in Redis.
 */
export type FactKind = (typeof FACT_KINDS)[number];

export interface TaskFact {
  /** 1, 2, 3 … without holes for the life of an agent. Tells what was lost and what came twice. */
  readonly seq: number;
  readonly kind: FactKind;
  readonly engine: AgentEngine;
  readonly prefix: string;
  readonly queue: string;
  readonly jobId: string;
  /** The library's job name; `__default__` where the application gave none. */
  readonly jobName: string;
  /**
   * 1 for the first attempt. Bull: failures before it, plus one. BullMQ: starts, also of those that were put back or lost to a stall, which
   * is the job's `ats` (in version 4 its `attemptsMade`).
   */
  readonly attempt: number;
  /** Epoch milliseconds by the worker's clock. */
  readonly at: number;
  readonly sentAt: number | null;
  /** When a delayed task was due. */
  readonly eta: number | null;
  /** Of finished attempts, by the worker's monotonic clock. */
  readonly runtimeMs: number | null;
  readonly error: { readonly type: string; readonly message: string } | null;
  readonly timedOut: boolean;
  /** The result of `succeeded`, unless it is larger than MAX_RESULT_BYTES. */
  readonly result?: unknown;
  readonly resultBytes: number;
}

/** Finished attempts since the agent started, one row per combination. */
export interface TotalsRow {
  readonly engine: AgentEngine;
  readonly prefix: string;
  readonly queue: string;
  readonly jobName: string;
  readonly kind: Exclude<FactKind, 'started'>;
  /** Exception class of `retried`; null for the rest. */
  readonly reason: string | null;
  readonly count: number;
  /** Of `count`, how many exceeded their time limit. */
  readonly timedOut: number;
}

/** One stream entry: the fields `agent` (its id), `kind` (facts or totals) and `body` (one of these as JSON). */
export type StreamEntry =
  | { readonly agent: string; readonly kind: 'facts'; readonly body: readonly TaskFact[] }
  | { readonly agent: string; readonly kind: 'totals'; readonly body: AgentTotals };

export interface AgentTotals {
  /** The totals cover every fact up to and including this one. */
  readonly seq: number;
  readonly rows: readonly TotalsRow[];
}

export interface AgentResources {
  readonly measuredAt: number;
  readonly memoryBytes: number;
  /** Of one core: 150 means one and a half. */
  readonly cpuPercent: number;
  readonly diskReadBytes: number | null;
  readonly diskWriteBytes: number | null;
  readonly processCount: number;
}

/** What an agent says about its worker on every heartbeat. */
export interface AgentReport {
  readonly version: typeof PROTOCOL_VERSION;
  /** Unique per process start: a restarted worker is a new agent. */
  readonly id: string;
  /** The worker's name, such as `worker-4711@host`. */
  readonly worker: string;
  readonly host: string;
  readonly pid: number;
  /** Such as `bull 4.16.5`; `bull 4.16.5, bullmq 6.7.0` where a worker uses both. */
  readonly software: string;
  readonly processType: string;
  readonly startedAt: number;
  readonly at: number;
  /** Interval of these reports. */
  readonly heartbeatMs: number;
  readonly queues: readonly (AgentQueue & {
    /** Bull: the queue object's lock token. BullMQ: the worker's id, which opens each of its lock tokens. */
    readonly token: string;
    readonly concurrency: number;
    /** Tasks of this queue that run here now. */
    readonly busy: number;
  })[];
  readonly resources: AgentResources | null;
  readonly totals: AgentTotals;
  /** Id of the stream entry that holds the same totals; null before the first. */
  readonly totalsEntryId: string | null;
  /** True after a goodbye: the worker closed in order. */
  readonly closing: boolean;
}

export interface ControlRequest {
  readonly version: typeof PROTOCOL_VERSION;
  readonly requestId: string;
  readonly command: 'cancel';
  readonly engine: AgentEngine;
  readonly prefix: string;
  readonly queue: string;
  readonly jobId: string;
  /** Signal for a sandboxed processor's process, such as SIGTERM. In-process processors get their AbortSignal aborted instead. */
  readonly signal: string;
}

/** Only agents that run the task answer. */
export interface ControlAnswer {
  readonly agent: string;
  readonly worker: string;
  /** aborted: the processor took a signal and it is aborted. killed: its child process was sent the signal. refused: it took no signal. */
  readonly result: 'aborted' | 'killed' | 'refused';
  readonly message: string;
}
