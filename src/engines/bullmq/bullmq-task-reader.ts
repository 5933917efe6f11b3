import type { TaskAttempt, TaskDetail, TaskTimelineEntry } from '../../core/task.js';
import { parseStacks, stackOfAttempt } from '../jobs/job-error.js';
import { LARGE_FIELDS, measureCommands, readLargeFields } from '../jobs/large-fields.js';
import type { RedisLink } from '../redis/redis-link.js';
import { listOf, numberOf, textOf, textsOf } from '../redis/redis-reply.js';
import { taskError } from './bullmq-error.js';
import { readFamily } from './bullmq-family.js';
import { type LocatedJob, locateJob } from './bullmq-job-location.js';
import type { BullmqQueueRegistry, TaskReference } from './bullmq-queue-registry.js';
import type { BullmqWorkerBook } from './bullmq-worker-book.js';

export interface TaskReaderOptions {
  readonly source: string;
  readonly link: RedisLink;
  readonly registry: BullmqQueueRegistry;
  readonly book: BullmqWorkerBook;
  readonly redact: (value: unknown) => unknown;
}

const MAX_LOGS = 100;
const MAX_ATTEMPTS = 50;
const SMALL_FIELDS = ['stc', 'deid', 'rjk', 'defa'] as const;

/** Reads everything that Redis holds of single jobs: five round trips, no field larger than a megabyte. */
export class BullmqTaskReader {
  readonly #o: TaskReaderOptions;

  constructor(options: TaskReaderOptions) {
    this.#o = options;
  }

  async read(reference: TaskReference, signal: AbortSignal): Promise<TaskDetail | null> {
    const { link, registry, redact, source } = this.#o;
    const located = await locateJob(link, reference, signal);
    if (!located) return null;
    const { queue, jobId, brief, state, token } = located;
    const key = queue.at(jobId);
    const [replies, family] = await Promise.all([
      link.batch(
        [...measureCommands(key), ['HMGET', key, ...SMALL_FIELDS], ['LRANGE', `${key}:logs`, -MAX_LOGS, -1]],
        signal,
      ),
      readFamily(link, registry, key, signal),
    ]);
    const large = await readLargeFields(link, key, replies, signal);
    const [stalled, deduplicationId, schedulerId, deferredFailure] = listOf(replies[LARGE_FIELDS.length]).map(textOf);
    const stacks = parseStacks(large.text('stacktrace'));
    const over = state === 'SUCCESS' || state === 'FAILURE';
    const failed = brief.failedReason !== null && state !== 'SUCCESS';
    const worker =
      state === 'STARTED' && token === null ? null : this.#o.book.nameOf(queue, brief.worker, over ? null : token);
    return {
      source,
      engine: 'bullmq',
      id: queue.taskId(jobId),
      name: queue.taskName(brief.name),
      queue: queue.label,
      state,
      worker: state === 'STARTED' ? worker : brief.worker,
      sentAt: brief.sentAt,
      eta: located.eta ?? brief.eta,
      startedAt: brief.processedOn,
      finishedAt: over ? brief.finishedOn : null,
      runtimeMs:
        over && brief.processedOn !== null && brief.finishedOn !== null ? brief.finishedOn - brief.processedOn : null,
      attempts: brief.started,
      error: failed ? taskError(brief.failedReason, stacks.at(-1) ?? null) : null,
      args: redact(large.value('data')),
      kwargs: null,
      result: state === 'SUCCESS' ? redact(large.value('returnvalue')) : null,
      traceback: stacks.at(-1) ?? null,
      progress: redact(large.value('progress')),
      priority: brief.priority,
      maxAttempts: brief.maxAttempts,
      logs: [...textsOf(replies[LARGE_FIELDS.length + 1])].reverse(),
      attemptHistory: attemptsOf(located, stacks, worker),
      timeline: timelineOf(located, worker),
      ...family,
      raw: {
        opts: redact(large.value('opts')),
        key,
        delay: brief.delay,
        stalledCounter: numberOf(stalled) ?? 0,
        deduplicationId: deduplicationId ?? null,
        schedulerId: schedulerId ?? null,
        deferredFailure: deferredFailure ?? null,
        waitsForChildren: located.waitsForChildren,
        locked: token !== null,
      },
    };
  }

  /** Full ids are their own answer, bare job ids are looked for in every queue: one command per queue, one round trip. */
  async resolve(partialId: string, limit: number, signal: AbortSignal): Promise<readonly string[]> {
    const { link, registry } = this.#o;
    const candidates = registry.all().map((queue) => ({ queue, jobId: partialId }));
    candidates.unshift(...registry.readings(partialId));
    // Every job has a timestamp; keys such as `wait`, which are no hashes, answer with an error.
    const replies = await link.batch(
      candidates.map(({ queue, jobId }) => ['HEXISTS', queue.at(jobId), 'timestamp']),
      signal,
    );
    const found = candidates.filter((_, nth) => replies[nth] === 1).map(({ queue, jobId }) => queue.taskId(jobId));
    return [...new Set(found)].slice(0, limit);
  }
}

/**
 * Failed attempts have left their stacks, the newest last; the job itself tells of its latest start and end only. Starts without an end of
 * their own (stalled, rate limited) are not among them.
 */
function attemptsOf(
  { brief, state }: LocatedJob,
  stacks: readonly string[],
  worker: string | null,
): readonly TaskAttempt[] {
  const over = state === 'SUCCESS' || state === 'FAILURE';
  // Version 4 counts starts: the running attempt, and the one that succeeded, are among them and have no failure.
  const ends = brief.ended ?? (state === 'STARTED' ? Math.max(0, brief.started - 1) : brief.started);
  const failures = state === 'SUCCESS' ? Math.max(0, ends - 1) : ends;
  const attempts: TaskAttempt[] = [];
  for (let number = Math.max(1, failures - MAX_ATTEMPTS + 1); number <= failures; number += 1) {
    const final = number === failures && state === 'FAILURE';
    const stack = stackOfAttempt(stacks, number, failures);
    const message = number === failures ? brief.failedReason : null;
    attempts.push({
      number,
      worker: final ? worker : null,
      startedAt: final ? brief.processedOn : null,
      endedAt: final ? brief.finishedOn : null,
      outcome: final ? 'failure' : 'retry',
      error: message === null && stack === null ? null : taskError(message, stack),
    });
  }
  if (state === 'STARTED' || state === 'SUCCESS') {
    attempts.push({
      number: failures + 1,
      worker,
      startedAt: brief.processedOn,
      endedAt: over ? brief.finishedOn : null,
      outcome: over ? 'success' : null,
      error: null,
    });
  }
  return attempts;
}

function timelineOf({ brief, state, eta }: LocatedJob, worker: string | null): readonly TaskTimelineEntry[] {
  const entries: TaskTimelineEntry[] = [];
  const add = (at: number | null, what: string, attempt: number | null, by: string | null = null): void => {
    if (at !== null) entries.push({ at, what, attempt, worker: by });
  };
  add(brief.sentAt, 'sent', null);
  add(eta ?? brief.eta, 'scheduled', null);
  add(brief.processedOn, 'started', brief.started, worker);
  if (state === 'SUCCESS') add(brief.finishedOn, 'succeeded', brief.started, worker);
  if (state === 'FAILURE') add(brief.finishedOn, 'failed', brief.started, worker);
  return entries.sort((a, b) => a.at - b.at);
}
