import type { JobKey } from '../jobs/job-pages.js';
import { Questions } from '../jobs/questions.js';
import { NEXT_RUN_FIELDS, type NextRun, readNextRun } from '../jobs/schedule-runs.js';
import type { RedisLink } from '../redis/redis-link.js';
import { listOf, numberOf, scoredOf, textOf, textsOf } from '../redis/redis-reply.js';
import { isMarker } from './bullmq-checkpoint.js';
import { BRIEF_FIELDS, type BriefJob, briefJob, dueTime, priorityOf } from './bullmq-job-hash.js';
import type { BullmqQueue } from './bullmq-queue.js';
import { type BullmqQueueCounts, waitingOf } from './bullmq-queue-counts.js';
import { heldBack } from './bullmq-rate-limit.js';
import { nextRunIds, type RepeatEntry, SCHEDULE_FIELDS } from './bullmq-schedule.js';

/** Active jobs looked at per queue; the rest is counted without names. */
const MAX_ACTIVE = 1_000;
/** Priorities are added up from the set itself; beyond this that would cost the broker too much. */
const MAX_PRIORITIZED = 1_000;
const MAX_REPEATS = 200;
/** Priorities whose oldest job's age is asked for. */
const MAX_HEADS = 16;

export interface RepeatFound extends RepeatEntry {
  /** Values of SCHEDULE_FIELDS. */
  hash: readonly unknown[];
  nextRun: NextRun | null;
}

/** What is read of a queue beyond its sizes. */
export interface BullmqQueueLists {
  readonly activeIds: readonly string[];
  /** Lock tokens, in the order of `activeIds`; null where there is no lock. */
  tokens: readonly (string | null)[];
  /** The first to run is the first. */
  readonly waitingIds: readonly string[];
  readonly delayed: readonly { readonly jobId: string; readonly eta: number }[];
  /** Of the prioritised jobs; null where there are too many to add up. */
  readonly priorities: readonly number[] | null;
  readonly repeats: readonly RepeatFound[];
  /** Jobs that may have waited longest. */
  readonly oldest: readonly string[];
  oldestAt: number | null;
  /** Left of a rate limit that is used up; 0 where there is none, null where a worker's own may be. */
  readonly heldBackMs: number | null;
}

export interface Listed {
  readonly queue: BullmqQueue;
  readonly counts: BullmqQueueCounts;
}

interface Raw {
  active: readonly string[];
  /** The end of the list, the next to run last; with version 4's marker. */
  wait: readonly string[];
  paused: readonly string[];
  delayed: ReturnType<typeof scoredOf>;
  prioritized: ReturnType<typeof scoredOf>;
  repeat: ReturnType<typeof scoredOf>;
  /** Jobs started in the period of a rate limit, and what is left of it. */
  started: number | null;
  periodLeft: number | null;
}

/**
 * Reads the lists of those queues that have any: one round trip for ids, one for locks, times and schedules, and no command for what is empty.
 * Lists are shared out in the order of the queues, some `limit` waiting and `limit` delayed jobs altogether. Takes version 4's marker off
 * the count of those waiting.
 */
export async function readLists(
  link: RedisLink,
  queues: readonly Listed[],
  limit: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<BullmqQueue, BullmqQueueLists>> {
  const asked: { listed: Listed; waits: number; raw: Raw }[] = [];
  const questions = new Questions();
  let waitingLeft = limit;
  let delayedLeft = limit;
  for (const listed of queues) {
    const { queue, counts } = listed;
    if (waitingOf(counts) + counts.active + counts.delayed + counts.repeats === 0) continue;
    const waits = Math.min(waitingOf(counts), waitingLeft);
    const delays = Math.min(counts.delayed, delayedLeft);
    // One of them may turn out to be version 4's marker.
    waitingLeft -= counts.wait > 0 ? Math.max(0, waits - 1) : waits;
    delayedLeft -= delays;
    const raw: Raw = {
      active: [],
      wait: [],
      paused: [],
      delayed: [],
      prioritized: [],
      repeat: [],
      started: null,
      periodLeft: null,
    };
    asked.push({ listed, waits, raw });

    const list = (part: string, from: number, to: number, take: (ids: readonly string[]) => void): void =>
      questions.ask(['LRANGE', queue.at(part), from, to], (reply) => take(textsOf(reply)));
    const set = (part: string, count: number, take: (found: ReturnType<typeof scoredOf>) => void): void =>
      questions.ask(['ZRANGE', queue.at(part), 0, count - 1, 'WITHSCORES'], (reply) => take(scoredOf(reply)));
    // Workers take jobs from the right end. One is always read, for its age, and one more for the marker.
    if (counts.active > 0)
      list('active', 0, MAX_ACTIVE - 1, (ids) => {
        raw.active = ids;
      });
    if (counts.wait > 0)
      list('wait', -Math.max(1, waits) - 1, -1, (ids) => {
        raw.wait = ids;
      });
    if (counts.paused > 0)
      list('paused', -Math.max(1, waits), -1, (ids) => {
        raw.paused = ids;
      });
    if (delays > 0)
      set('delayed', delays, (found) => {
        raw.delayed = found;
      });
    if (counts.prioritized > 0)
      set('prioritized', MAX_PRIORITIZED, (found) => {
        raw.prioritized = found;
      });
    if (counts.repeats > 0)
      set('repeat', MAX_REPEATS, (found) => {
        raw.repeat = found;
      });
    if (waitingOf(counts) > 0) {
      questions.ask(['GET', queue.at('limiter')], (reply) => {
        raw.started = numberOf(reply);
      });
      questions.ask(['PTTL', queue.at('limiter')], (reply) => {
        raw.periodLeft = numberOf(reply);
      });
    }
  }
  await questions.send(link, signal);

  const lists = new Map<BullmqQueue, BullmqQueueLists>();
  for (const { listed, waits, raw } of asked) lists.set(listed.queue, arrange(listed.counts, waits, raw));
  await addDetails(link, lists, signal);
  return lists;
}

function arrange(counts: BullmqQueueCounts, waits: number, raw: Raw): BullmqQueueLists {
  const waiting = raw.wait.filter((id) => !isMarker(id));
  counts.wait = Math.max(0, counts.wait - (raw.wait.length - waiting.length));
  const next = [...waiting].reverse();
  const paused = [...raw.paused].reverse();
  // The first of each priority has waited longest among its like.
  const heads = raw.prioritized.filter(({ score }, nth) => {
    const before = raw.prioritized[nth - 1];
    return before === undefined || priorityOf(before.score) !== priorityOf(score);
  });
  const complete = counts.prioritized <= MAX_PRIORITIZED;
  return {
    activeIds: raw.active,
    tokens: [],
    waitingIds: [...next, ...paused, ...raw.prioritized.map(({ member }) => member)].slice(0, waits),
    delayed: raw.delayed.map(({ member, score }) => ({ jobId: member, eta: dueTime(score) })),
    priorities: complete ? raw.prioritized.map(({ score }) => priorityOf(score)) : null,
    repeats: raw.repeat.map(({ member, score }) => ({ member, nextAt: score, hash: [], nextRun: null })),
    oldest: [...next.slice(0, 1), ...paused.slice(0, 1), ...heads.slice(0, MAX_HEADS).map(({ member }) => member)],
    oldestAt: null,
    heldBackMs: heldBack(counts.rate, raw.started, raw.periodLeft),
  };
}

async function addDetails(
  link: RedisLink,
  lists: ReadonlyMap<BullmqQueue, BullmqQueueLists>,
  signal: AbortSignal,
): Promise<void> {
  const questions = new Questions();
  for (const [queue, list] of lists) {
    if (list.activeIds.length > 0) {
      questions.ask(['MGET', ...list.activeIds.map((jobId) => queue.at(`${jobId}:lock`))], (reply) => {
        list.tokens = listOf(reply).map(textOf);
      });
    }
    for (const jobId of list.oldest) {
      questions.ask(['HMGET', queue.at(jobId), 'timestamp', 'opts', 'processedOn'], (reply) => {
        const since = waitingSince(listOf(reply));
        if (since !== null) list.oldestAt = Math.min(list.oldestAt ?? since, since);
      });
    }
    for (const entry of list.repeats) {
      questions.ask(['HMGET', queue.at(`repeat:${entry.member}`), ...SCHEDULE_FIELDS], (reply) => {
        entry.hash = listOf(reply);
      });
      for (const id of nextRunIds(entry)) {
        questions.ask(['HMGET', queue.at(id), ...NEXT_RUN_FIELDS], (reply) => {
          entry.nextRun ??= readNextRun(reply);
        });
      }
    }
  }
  await questions.send(link, signal);
}

/** Since it was added, or due; one that has run before has waited at most since that run began. */
function waitingSince([timestamp, opts, processedOn]: readonly unknown[]): number | null {
  const brief = briefJob([null, timestamp, opts, null, null, null, processedOn]);
  if (brief === null || brief.sentAt === null) return null;
  return Math.max(brief.eta ?? brief.sentAt, brief.processedOn ?? 0);
}

/** Without payloads; null where the job is gone by now. */
export async function readBriefs(
  link: RedisLink,
  jobs: readonly JobKey<BullmqQueue>[],
  signal: AbortSignal,
): Promise<readonly (BriefJob | null)[]> {
  const replies = await link.batch(
    jobs.map(({ queue, jobId }) => ['HMGET', queue.at(jobId), ...BRIEF_FIELDS]),
    signal,
  );
  return replies.map(briefJob);
}
