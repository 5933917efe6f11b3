import type { BeatEntry } from './beat-entries.js';
import { type Fields, fieldsOf, listIn, numberIn, textIn, timeIn } from './json-fields.js';
import type { LearnedResults } from './learned-results.js';

/** A task as a worker lists it. */
export interface ListedTask {
  readonly id: string;
  readonly name: string | null;
  /** Real JSON, or Python source text where the worker was asked to be safe. */
  readonly args: unknown;
  readonly kwargs: unknown;
  readonly startedAt: number | null;
  readonly eta: number | null;
  /** False while the broker would give it to another worker if this one died; null where not told. */
  readonly acknowledged: boolean | null;
  readonly exchange: string | null;
  readonly routingKey: string | null;
  readonly priority: number | null;
  readonly processId: number | null;
}

export interface ConsumedQueue {
  readonly name: string;
  readonly exchange: string;
  readonly routingKey: string;
}

export interface WorkerStats {
  readonly pid: number | null;
  readonly uptimeSeconds: number | null;
  readonly prefetchCount: number | null;
  /** Processes or threads that it has now. */
  readonly poolSize: number | null;
  /** Bounds between which it resizes itself; null where it does not. */
  readonly autoscale: { readonly minimum: number; readonly maximum: number } | null;
  readonly processIds: readonly number[];
  /** Its pool runs tasks in the process that should answer us: it is silent while busy. */
  readonly solo: boolean;
  /** Its pool runs tasks in threads, beside the loop that sends their events. */
  readonly threads: boolean;
  /** Tasks begun in its whole life, by name. */
  readonly totals: ReadonlyMap<string, number>;
  readonly usage: ProcessUsage | null;
}

/** Of the worker's main process, by getrusage. */
export interface ProcessUsage {
  readonly cpuSeconds: number;
  /** The most it ever had. */
  readonly peakMemoryBytes: number;
  readonly diskReadBytes: number;
  readonly diskWriteBytes: number;
}

export interface Answer<T> {
  /** Monotonic milliseconds. */
  readonly at: number;
  readonly value: T;
}

/** The last good answer to each question, however old. */
export interface ControlReplies {
  active: Answer<readonly ListedTask[]> | null;
  reserved: Answer<readonly ListedTask[]> | null;
  scheduled: Answer<readonly ListedTask[]> | null;
  stats: Answer<WorkerStats> | null;
  queues: Answer<readonly ConsumedQueue[]> | null;
  /** Only a worker that takes nothing but JSON can be asked for whole arguments: a reply that it cannot write leaves it deaf. */
  jsonOnly: boolean | null;
  /** Where it keeps its results, if that is on the broker's own server. */
  results: LearnedResults | null;
  /** What its application would have beat send. */
  beat: readonly BeatEntry[];
}

export function noReplies(): ControlReplies {
  return {
    active: null,
    reserved: null,
    scheduled: null,
    stats: null,
    queues: null,
    jsonOnly: null,
    results: null,
    beat: [],
  };
}

/** An error reply looks like any other: `{"error": "KeyError('nosuch')"}`. */
export function errorIn(reply: unknown): string | null {
  return textIn(fieldsOf(reply)?.error);
}

export function listedTasks(reply: unknown): readonly ListedTask[] {
  return listIn(reply).flatMap((item) => {
    const fields = fieldsOf(item);
    // `scheduled` wraps each request, and keeps the time of its own.
    const request = fieldsOf(fields?.request) ?? fields;
    const task = request === null ? null : listedTask(request, timeIn(fields?.eta));
    return task === null ? [] : [task];
  });
}

/** Of `query_task`: the answer for one id is `[state, request]`. */
export function queriedTask(reply: unknown, id: string): { readonly state: string; readonly task: ListedTask } | null {
  const [state, request] = listIn(fieldsOf(reply)?.[id]);
  const fields = fieldsOf(request);
  const task = fields === null ? null : listedTask(fields, null);
  return task === null || typeof state !== 'string' ? null : { state, task };
}

function listedTask(request: Fields, eta: number | null): ListedTask | null {
  const id = textIn(request.id);
  if (id === null) return null;
  const delivery = fieldsOf(request.delivery_info);
  const startedAt = numberIn(request.time_start);
  return {
    id,
    name: textIn(request.name),
    args: request.args,
    kwargs: request.kwargs,
    startedAt: startedAt === null ? null : startedAt * 1000,
    eta,
    acknowledged: typeof request.acknowledged === 'boolean' ? request.acknowledged : null,
    exchange: textIn(delivery?.exchange),
    routingKey: textIn(delivery?.routing_key),
    priority: numberIn(delivery?.priority),
    processId: numberIn(request.worker_pid),
  };
}

export function consumedQueues(reply: unknown): readonly ConsumedQueue[] {
  return listIn(reply).flatMap((item) => {
    const fields = fieldsOf(item);
    const name = textIn(fields?.name);
    if (fields === null || name === null) return [];
    return [
      {
        name,
        exchange: textIn(fieldsOf(fields.exchange)?.name) ?? '',
        routingKey: textIn(fields.routing_key) ?? name,
      },
    ];
  });
}

export function workerStats(reply: unknown): WorkerStats | null {
  const stats = fieldsOf(reply);
  if (stats === null) return null;
  const pid = numberIn(stats.pid);
  const pool = fieldsOf(stats.pool);
  const processIds = listIn(pool?.processes).filter((item) => typeof item === 'number');
  const totals = new Map<string, number>();
  for (const [name, count] of Object.entries(fieldsOf(stats.total) ?? {})) {
    if (typeof count === 'number') totals.set(name, count);
  }
  return {
    pid,
    uptimeSeconds: numberIn(stats.uptime),
    prefetchCount: numberIn(stats.prefetch_count),
    // `max-concurrency` stays what it was at the start when the pool grows or shrinks.
    poolSize: processIds.length > 0 ? processIds.length : numberIn(pool?.['max-concurrency']),
    autoscale: autoscaleIn(fieldsOf(stats.autoscaler)),
    processIds,
    threads: pool !== null && 'threads' in pool,
    solo: processIds.length === 1 && processIds[0] === pid,
    totals,
    usage: processUsage(fieldsOf(stats.rusage)),
  };
}

function autoscaleIn(autoscaler: Fields | null): WorkerStats['autoscale'] {
  const minimum = numberIn(autoscaler?.min);
  const maximum = numberIn(autoscaler?.max);
  return minimum === null || maximum === null ? null : { minimum, maximum };
}

/** The unit of ru_inblock and ru_oublock on Linux, and of ru_maxrss there. */
const BLOCK_BYTES = 512;
const MAXRSS_BYTES = 1024;

function processUsage(rusage: Fields | null): ProcessUsage | null {
  const user = numberIn(rusage?.utime);
  const system = numberIn(rusage?.stime);
  const memory = numberIn(rusage?.maxrss);
  if (rusage === null || user === null || system === null || memory === null) return null;
  return {
    cpuSeconds: user + system,
    peakMemoryBytes: memory * MAXRSS_BYTES,
    diskReadBytes: (numberIn(rusage.inblock) ?? 0) * BLOCK_BYTES,
    diskWriteBytes: (numberIn(rusage.oublock) ?? 0) * BLOCK_BYTES,
  };
}

const JSON_NAMES = new Set(['json', 'application/json']);

/** Of `conf` without defaults: what is not told is the default, which is JSON alone. */
export function takesJsonOnly(reply: unknown): boolean | null {
  const conf = fieldsOf(reply);
  if (conf === null || 'error' in conf) return null;
  const accepted = conf.accept_content ?? conf.CELERY_ACCEPT_CONTENT;
  const written = conf.task_serializer ?? conf.CELERY_TASK_SERIALIZER;
  const acceptsJson =
    accepted === undefined || accepted === null || listIn(accepted).every((name) => JSON_NAMES.has(String(name)));
  return (
    acceptsJson &&
    (written === undefined || written === null || (typeof written === 'string' && JSON_NAMES.has(written)))
  );
}
