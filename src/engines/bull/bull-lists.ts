import type { JobKey } from '../jobs/job-pages.js';
import { Questions } from '../jobs/questions.js';
import { NEXT_RUN_FIELDS, type NextRun, readNextRun } from '../jobs/schedule-runs.js';
import type { RedisLink } from '../redis/redis-link.js';
import { listOf, numberOf, scoredOf, textOf, textsOf } from '../redis/redis-reply.js';
import { BRIEF_FIELDS, type BriefJob, briefJob } from './bull-job-hash.js';
import { dueTime } from './bull-job-reader.js';
import type { BullQueue } from './bull-queue.js';
import type { BullQueueCounts } from './bull-queue-counts.js';
import { nextRunId, type RepeatEntry } from './bull-schedule.js';

/** Active jobs looked at per queue; the rest is counted without names. */
const MAX_ACTIVE = 1_000;
/** Priorities are added up from the set itself; beyond this that would cost the broker too much. */
const MAX_PRIORITISED = 1_000;
const MAX_REPEATS = 200;

/** What is read of a queue beyond its sizes. */
export interface BullQueueLists {
  activeIds: readonly string[];
  /** Lock tokens, in the order of `activeIds`; null where there is no lock. */
  tokens: readonly (string | null)[];
  /** The first to run is the first. */
  readonly waitingIds: string[];
  delayed: readonly { readonly jobId: string; readonly eta: number }[];
  /** null where there are too many to add up. */
  priorities: readonly number[] | null;
  repeats: readonly RepeatEntry[];
  /** By member of `repeats`; those without one have none in the queue. */
  readonly nextRuns: Map<string, NextRun>;
  /** The job a paused queue would run next. */
  next: string | null;
  oldestAt: number | null;
}

export function newLists(counts: BullQueueCounts | null): BullQueueLists {
  return {
    activeIds: [],
    tokens: [],
    waitingIds: [],
    delayed: [],
    priorities: (counts?.prioritised ?? 0) <= MAX_PRIORITISED ? [] : null,
    repeats: [],
    nextRuns: new Map(),
    next: null,
    oldestAt: null,
  };
}

export interface Listed {
  readonly queue: BullQueue;
  readonly counts: BullQueueCounts;
}

/**
 * Reads the lists of those queues that have any, and nothing of the others: one round trip for ids, one for locks and times. Lists are shared out in the order of the
 * queues, at most `limit` waiting and `limit` delayed jobs altogether.
 */
export async function readLists(
  link: RedisLink,
  queues: readonly Listed[],
  limit: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<BullQueue, BullQueueLists>> {
  const lists = new Map<BullQueue, BullQueueLists>();
  const questions = new Questions();
  let waitingLeft = limit;
  let delayedLeft = limit;
  for (const { queue, counts } of queues) {
    const waiting = counts.wait + counts.paused;
    if (waiting + counts.active + counts.delayed + counts.repeats === 0) continue;
    const list = newLists(counts);
    lists.set(queue, list);
    const waits = Math.min(waiting, waitingLeft);
    const delays = Math.min(counts.delayed, delayedLeft);
    waitingLeft -= waits;
    delayedLeft -= delays;
    if (counts.active > 0) {
      questions.ask(['LRANGE', queue.at('active'), 0, MAX_ACTIVE - 1], (reply) => {
        list.activeIds = textsOf(reply);
      });
    }
    for (const part of ['wait', 'paused'] as const) {
      const wanted = Math.min(counts[part], waits);
      if (wanted === 0) continue;
      // Bull takes jobs from the right end.
      questions.ask(['LRANGE', queue.at(part), -wanted, -1], (reply) => {
        list.waitingIds.push(...[...textsOf(reply)].reverse());
      });
    }
    if (delays > 0) {
      questions.ask(['ZRANGE', queue.at('delayed'), 0, delays - 1, 'WITHSCORES'], (reply) => {
        list.delayed = scoredOf(reply).map(({ member, score }) => ({ jobId: member, eta: dueTime(score) }));
      });
    }
    if (counts.prioritised > 0 && counts.prioritised <= MAX_PRIORITISED) {
      questions.ask(['ZRANGE', queue.at('priority'), 0, -1, 'WITHSCORES'], (reply) => {
        list.priorities = scoredOf(reply).map(({ score }) => score);
      });
    }
    if (counts.repeats > 0) {
      questions.ask(['ZRANGE', queue.at('repeat'), 0, MAX_REPEATS - 1, 'WITHSCORES'], (reply) => {
        list.repeats = scoredOf(reply).map(({ member, score }) => ({ member, nextAt: score }));
      });
    }
    if (counts.next !== null) {
      questions.ask(['HGET', queue.at(counts.next), 'timestamp'], (reply) => {
        list.oldestAt = numberOf(reply);
      });
    } else if (counts.paused > 0) {
      questions.ask(['LINDEX', queue.at('paused'), -1], (reply) => {
        list.next = textOf(reply);
      });
    }
  }
  await questions.send(link, signal);
  await addLocksAndRuns(link, lists, signal);
  return lists;
}

async function addLocksAndRuns(
  link: RedisLink,
  lists: ReadonlyMap<BullQueue, BullQueueLists>,
  signal: AbortSignal,
): Promise<void> {
  const questions = new Questions();
  for (const [queue, list] of lists) {
    if (list.next !== null) {
      questions.ask(['HGET', queue.at(list.next), 'timestamp'], (reply) => {
        list.oldestAt = numberOf(reply);
      });
    }
    if (list.activeIds.length > 0) {
      questions.ask(['MGET', ...list.activeIds.map((jobId) => queue.at(`${jobId}:lock`))], (reply) => {
        list.tokens = listOf(reply).map(textOf);
      });
    }
    for (const entry of list.repeats) {
      questions.ask(['HMGET', queue.at(nextRunId(entry)), ...NEXT_RUN_FIELDS], (reply) => {
        const nextRun = readNextRun(reply);
        if (nextRun) list.nextRuns.set(entry.member, nextRun);
      });
    }
  }
  await questions.send(link, signal);
}

/** Without payloads; null where the job is gone by now. */
export async function readBriefs(
  link: RedisLink,
  jobs: readonly JobKey<BullQueue>[],
  signal: AbortSignal,
): Promise<readonly (BriefJob | null)[]> {
  const replies = await link.batch(
    jobs.map(({ queue, jobId }) => ['HMGET', queue.at(jobId), ...BRIEF_FIELDS]),
    signal,
  );
  return replies.map(briefJob);
}
