import { parseJson } from '../jobs/parse-json.js';
import { numberOf, textOf } from '../redis/redis-reply.js';

/** What events and lists need of a job's hash: everything but the payload, the result and the stack. */
export const BRIEF_FIELDS = [
  'name',
  'timestamp',
  'opts',
  'atm',
  'ats',
  'attemptsMade',
  'processedOn',
  'finishedOn',
  'failedReason',
  'delay',
  'priority',
  'pb',
] as const;

/** The part of a job's hash that fits in one line. Times are epoch milliseconds by the clock of the process that wrote them. */
export interface BriefJob {
  readonly name: string;
  readonly sentAt: number | null;
  /** When it was to run first, where it was delayed. */
  readonly eta: number | null;
  /** Delay in force: back to 0 once it is due. */
  readonly delay: number;
  /**
   * Failed and finished attempts. null for version 4 (and a version 5 that never ended one), which counts an attempt when it starts: then it
   * tells nothing about its end.
   */
  readonly ended: number | null;
  /** Attempts started. */
  readonly started: number;
  readonly maxAttempts: number;
  readonly processedOn: number | null;
  readonly finishedOn: number | null;
  readonly failedReason: string | null;
  readonly priority: number | null;
  /** Name of the worker that took it last; only workers that have one write it. */
  readonly worker: string | null;
}

const MAX_OPTIONS = 64 * 1024;

/** The answer of HMGET with BRIEF_FIELDS; null where there is no such job. */
export function briefJob(reply: unknown): BriefJob | null {
  if (!Array.isArray(reply)) return null;
  const [name, timestamp, opts, atm, ats, attemptsMade, processedOn, finishedOn, failedReason, delay, priority, pb] =
    reply;
  // Both are written by every version when a job is added. Without them it is what an orphaned counter left behind.
  if (typeof name !== 'string' && typeof timestamp !== 'string') return null;
  const sentAt = numberOf(timestamp);
  const options = jobOptions(textOf(opts));
  const old = numberOf(attemptsMade);
  const started = numberOf(ats);
  return {
    name: textOf(name) ?? '',
    sentAt,
    eta: sentAt !== null && options.delay > 0 ? sentAt + options.delay : null,
    delay: numberOf(delay) ?? 0,
    ended: numberOf(atm) ?? (started === null ? null : 0),
    started: started ?? old ?? 0,
    maxAttempts: options.attempts,
    processedOn: numberOf(processedOn),
    finishedOn: numberOf(finishedOn),
    failedReason: textOf(failedReason),
    priority: numberOf(priority) || null,
    worker: textOf(pb),
  };
}

interface JobOptions {
  /** As asked for when the job was added; the hash's own `delay` changes. */
  readonly delay: number;
  readonly attempts: number;
}

const PLAIN: JobOptions = { delay: 0, attempts: 1 };

function jobOptions(json: string | null): JobOptions {
  if (json === null || json.length > MAX_OPTIONS) return PLAIN;
  // Most jobs have neither: not parsing theirs saves half of the cost of a look.
  if (!json.includes('"delay"') && !json.includes('"attempts"')) return PLAIN;
  const parsed = parseJson(json);
  if (typeof parsed !== 'object' || parsed === null) return PLAIN;
  const delay = 'delay' in parsed ? numberOf(parsed.delay) : null;
  const attempts = 'attempts' in parsed ? numberOf(parsed.attempts) : null;
  return { delay: Math.max(0, delay ?? 0), attempts: Math.max(1, attempts ?? 1) };
}

/** BullMQ keeps 12 bits of a counter below the due time of a delayed job, so that those due together stay in order. */
export function dueTime(score: number): number {
  return Math.floor(score / 4096);
}

/** Priority is kept above 32 bits of a counter, which keep jobs of one priority in order. */
export function priorityOf(score: number): number {
  return Math.floor(score / 2 ** 32);
}
