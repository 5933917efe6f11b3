import type { TaskAttempt, TaskDetail, TaskState, TaskTimelineEntry } from '../../core/task.js';
import { messageOfStack, parseStacks, stackOfAttempt } from '../jobs/job-error.js';
import { LARGE_FIELDS, measureCommands, readLargeFields } from '../jobs/large-fields.js';
import { isActive } from '../jobs/running-job.js';
import type { RedisLink } from '../redis/redis-link.js';
import { listOf, numberOf, textOf, textsOf } from '../redis/redis-reply.js';
import { taskError } from './bull-error.js';
import { BRIEF_FIELDS, type BriefJob, briefJob } from './bull-job-hash.js';
import { dueTime } from './bull-job-reader.js';
import type { BullQueue } from './bull-queue.js';
import type { TaskReference } from './bull-queue-registry.js';
import type { WorkerNames } from './worker-names.js';

export interface TaskReaderOptions {
  readonly source: string;
  readonly link: RedisLink;
  readonly workers: WorkerNames;
  readonly redact: (value: unknown) => unknown;
}

/** Where a job is, as its keys say. */
export interface LocatedJob {
  readonly queue: BullQueue;
  readonly jobId: string;
  readonly brief: BriefJob;
  readonly state: TaskState;
  /** Of an active job; null where it is not locked. */
  readonly token: string | null;
  /** Of a delayed one. */
  readonly eta: number | null;
}

const MAX_LOGS = 100;
const SMALL_FIELDS = ['delay', 'stalledCounter', 'deid'] as const;

/** Reads single jobs. Never asks Bull for a state: that reads whole lists, and holds up Redis for a second at a million jobs. */
export class BullTaskReader {
  readonly #o: TaskReaderOptions;

  constructor(options: TaskReaderOptions) {
    this.#o = options;
  }

  /** One round trip; a second one, with LPOS in the short list of running jobs, where neither sets nor lock tell. */
  async locate({ queue, jobId }: TaskReference, signal: AbortSignal): Promise<LocatedJob | null> {
    const { link } = this.#o;
    const [hash, completed, failed, delayed, lock] = await link.batch(
      [
        ['HMGET', queue.at(jobId), ...BRIEF_FIELDS],
        ['ZSCORE', queue.at('completed'), jobId],
        ['ZSCORE', queue.at('failed'), jobId],
        ['ZSCORE', queue.at('delayed'), jobId],
        ['GET', queue.at(`${jobId}:lock`)],
      ],
      signal,
    );
    const brief = briefJob(hash);
    if (!brief) return null;
    const found = { queue, jobId, brief, token: null, eta: null };
    if (textOf(completed) !== null) return { ...found, state: 'SUCCESS' };
    if (textOf(failed) !== null) return { ...found, state: 'FAILURE' };
    const waiting: TaskState = brief.attemptsMade > 0 ? 'RETRY' : 'PENDING';
    const due = numberOf(delayed);
    if (due !== null) return { ...found, state: waiting, eta: dueTime(due) };
    const active = await isActive(link, queue, jobId, signal);
    return active ? { ...found, state: 'STARTED', token: textOf(lock) } : { ...found, state: waiting };
  }

  async read(reference: TaskReference, signal: AbortSignal): Promise<TaskDetail | null> {
    const located = await this.locate(reference, signal);
    if (!located) return null;
    const { queue, jobId, brief, state, token } = located;
    const key = queue.at(jobId);
    const replies = await this.#o.link.batch(
      [...measureCommands(key), ['HMGET', key, ...SMALL_FIELDS], ['LRANGE', queue.at(`${jobId}:logs`), -MAX_LOGS, -1]],
      signal,
    );
    const large = await readLargeFields(this.#o.link, key, replies, signal);
    const [delay, stalledCounter, debounceId] = listOf(replies[LARGE_FIELDS.length]).map(textOf);
    const stacks = parseStacks(large.text('stacktrace'));
    const over = state === 'SUCCESS' || state === 'FAILURE';
    const lastRan = state === 'STARTED' || state === 'SUCCESS' ? 1 : 0;
    const error =
      brief.failedReason === null || state === 'SUCCESS' ? null : taskError(brief.failedReason, stacks.at(-1) ?? null);
    const runtimeMs =
      over && brief.processedOn !== null && brief.finishedOn !== null ? brief.finishedOn - brief.processedOn : null;
    const worker = token === null ? null : this.#o.workers.nameOf(queue, token);
    return {
      source: this.#o.source,
      engine: 'bull',
      id: queue.taskId(jobId),
      name: queue.taskName(brief.name),
      queue: queue.label,
      state,
      worker,
      sentAt: brief.sentAt,
      eta: located.eta ?? brief.eta,
      startedAt: brief.processedOn,
      finishedAt: over ? brief.finishedOn : null,
      runtimeMs,
      attempts: brief.attemptsMade + lastRan,
      error,
      args: this.#o.redact(large.value('data')),
      kwargs: null,
      result: state === 'SUCCESS' ? this.#o.redact(large.value('returnvalue')) : null,
      traceback: stacks.at(-1) ?? null,
      progress: this.#o.redact(large.value('progress')),
      priority: brief.priority,
      maxAttempts: brief.maxAttempts,
      logs: [...textsOf(replies[LARGE_FIELDS.length + 1])].reverse(),
      attemptHistory: attemptsOf(located, stacks, worker),
      timeline: timelineOf(located, worker),
      parentId: null,
      rootId: null,
      childIds: [],
      raw: {
        opts: this.#o.redact(large.value('opts')),
        key,
        delay: numberOf(delay),
        stalledCounter: numberOf(stalledCounter) ?? 0,
        retriedOn: brief.retriedOn,
        debounceId: debounceId ?? null,
        locked: token !== null,
      },
    };
  }

  /**
   * Full ids that `partial` may stand for: itself, and the job of that id in every queue. One command per queue, one round trip.
   */
  async resolve(
    partial: string,
    readings: readonly TaskReference[],
    queues: readonly BullQueue[],
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const candidates = [...readings, ...queues.map((queue) => ({ queue, jobId: partial }))];
    // Every job has a timestamp; keys such as `wait`, which are no hashes, answer with an error.
    const replies = await this.#o.link.batch(
      candidates.map(({ queue, jobId }) => ['HEXISTS', queue.at(jobId), 'timestamp']),
      signal,
    );
    const found = candidates.filter((_, index) => replies[index] === 1);
    return [...new Set(found.map(({ queue, jobId }) => queue.taskId(jobId)))];
  }
}

function attemptsOf(
  { brief, state }: LocatedJob,
  stacks: readonly string[],
  worker: string | null,
): readonly TaskAttempt[] {
  const attempts: TaskAttempt[] = [];
  const made = brief.attemptsMade;
  // More than a few dozen tell nothing more; Bull keeps no times of the earlier ones.
  for (let number = Math.max(1, made - 49); number <= made; number += 1) {
    const last = number === made;
    const stack = stackOfAttempt(stacks, number, made);
    attempts.push({
      number,
      worker: null,
      startedAt: last && state === 'FAILURE' ? brief.processedOn : null,
      endedAt: last && state === 'FAILURE' ? brief.finishedOn : null,
      outcome: last && state === 'FAILURE' ? 'failure' : 'retry',
      error:
        last && brief.failedReason !== null
          ? taskError(brief.failedReason, stack)
          : stack === null
            ? null
            : taskError(messageOfStack(stack), stack),
    });
  }
  if (state === 'STARTED' || state === 'SUCCESS') {
    const over = state === 'SUCCESS';
    attempts.push({
      number: made + 1,
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
  const running = brief.attemptsMade + (state === 'FAILURE' ? 0 : 1);
  add(brief.sentAt, 'sent', null);
  add(eta ?? brief.eta, 'scheduled', null);
  add(brief.retriedOn, 'requeued', null);
  add(brief.processedOn, 'started', running, worker);
  if (state === 'SUCCESS') add(brief.finishedOn, 'succeeded', running, worker);
  if (state === 'FAILURE') add(brief.finishedOn, 'failed', brief.attemptsMade, worker);
  return entries.sort((a, b) => a.at - b.at);
}
