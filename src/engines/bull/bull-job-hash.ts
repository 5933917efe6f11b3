import { numberOf, textOf } from '../redis/redis-reply.js';

/** What events need of a job's hash. It is read for every task there is, so it is as little as can be. */
export const EVENT_FIELDS = [
  'name',
  'timestamp',
  'opts',
  'attemptsMade',
  'processedOn',
  'finishedOn',
  'retriedOn',
] as const;

/** What lists need besides: still no payload, no result and no stack. Begins like EVENT_FIELDS. */
export const BRIEF_FIELDS = [...EVENT_FIELDS, 'failedReason', 'priority'] as const;

/** The part of a job's hash that fits in one line. Times are epoch milliseconds by the clock of the process that wrote them. */
export interface BriefJob {
  readonly name: string;
  readonly sentAt: number | null;
  /** When it was to run first, where it was delayed. */
  readonly eta: number | null;
  /** Failed attempts: Bull leaves the field out before the first one. */
  readonly attemptsMade: number;
  readonly maxAttempts: number;
  readonly processedOn: number | null;
  readonly finishedOn: number | null;
  readonly retriedOn: number | null;
  readonly failedReason: string | null;
  readonly priority: number | null;
}

const MAX_OPTIONS = 64 * 1024;

/** The answer of HMGET with BRIEF_FIELDS or EVENT_FIELDS; null where there is no such job. */
export function briefJob(reply: unknown): BriefJob | null {
  if (!Array.isArray(reply)) return null;
  const [name, timestamp, opts, attemptsMade, processedOn, finishedOn, retriedOn, failedReason, priority] = reply;
  // `name` and `timestamp` are written by every version when a job is added.
  if (typeof name !== 'string' && typeof timestamp !== 'string') return null;
  const sentAt = numberOf(timestamp);
  const options = jobOptions(textOf(opts));
  return {
    name: textOf(name) ?? '',
    sentAt,
    eta: sentAt !== null && options.delay > 0 ? sentAt + options.delay : null,
    attemptsMade: numberOf(attemptsMade) ?? 0,
    maxAttempts: options.attempts,
    processedOn: numberOf(processedOn),
    finishedOn: numberOf(finishedOn),
    retriedOn: numberOf(retriedOn),
    failedReason: textOf(failedReason),
    priority: numberOf(priority) || null,
  };
}

interface JobOptions {
  /** As asked for when the job was added; the hash's own `delay` is set to 0 on promotion. */
  readonly delay: number;
  readonly attempts: number;
}

const PLAIN: JobOptions = { delay: 0, attempts: 1 };

function jobOptions(json: string | null): JobOptions {
  if (json === null || json.length > MAX_OPTIONS) return PLAIN;
  // Most jobs have neither: not parsing theirs saves half of the cost of an event.
  if (json.includes('"delay":0') && json.includes('"attempts":1,')) return PLAIN;
  try {
    const parsed: unknown = JSON.parse(json);
    if (typeof parsed !== 'object' || parsed === null) return PLAIN;
    const delay = 'delay' in parsed ? numberOf(parsed.delay) : null;
    const attempts = 'attempts' in parsed ? numberOf(parsed.attempts) : null;
    return { delay: Math.max(0, delay ?? 0), attempts: Math.max(1, attempts ?? 1) };
  } catch {
    // Options that are not JSON were not written by Bull; the rest of the job may still be shown.
    return PLAIN;
  }
}
