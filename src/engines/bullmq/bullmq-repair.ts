import type { EngineEvent } from '../../core/task-event.js';
import type { RedisLink } from '../redis/redis-link.js';
import { countOf, textsOf } from '../redis/redis-reply.js';
import type { BullmqEventMapper } from './bullmq-event-mapper.js';
import { type JobLook, lookAtJobs } from './bullmq-job-reader.js';
import type { Shortfall } from './bullmq-ledger.js';
import type { BullmqQueue } from './bullmq-queue.js';
import { millisecondsOf } from './bullmq-stream-entry.js';
import type { BullmqTaskTracker } from './bullmq-task-tracker.js';

/** Job name under which ends are counted whose jobs are gone. */
const UNKNOWN_JOB_NAME = '__unknown__';
/** Finished jobs read to repair one gap, per set; the newest first. */
const MAX_KEPT = 20_000;
const PAGE = 1_000;
/** Ends are stored by the workers' clocks, which may be behind that of Redis. */
const SKEW_MS = 5_000;

/** What Redis still tells about ends that were not read. */
export interface Findings {
  readonly ends: readonly {
    readonly kind: 'task-succeeded' | 'task-failed';
    readonly jobId: string;
    readonly look: JobLook;
  }[];
  /** Jobs believed to be on their way, of which nothing is left: they have ended, or were removed. */
  readonly vanished: readonly string[];
}

/**
 * Looks for what was missed: the finished jobs that are still kept, and those known to have been on their way that are gone. A few commands
 * per thousand jobs, one HMGET for each end not known; to be judged at a checkpoint taken afterwards.
 */
export async function searchEnds(
  link: RedisLink,
  tracker: BullmqTaskTracker,
  queue: BullmqQueue,
  since: number,
): Promise<Findings> {
  const ends: Findings['ends'][number][] = [];
  for (const [part, kind] of [
    ['completed', 'task-succeeded'],
    ['failed', 'task-failed'],
  ] as const) {
    const ids = await finishedSince(link, queue.at(part), since - SKEW_MS);
    const unknown = ids.filter((id) => tracker.get(queue, id) !== undefined || tracker.ended(queue, id) === undefined);
    const looks = await lookAtJobs(
      link,
      unknown.map((jobId) => ({ queue, jobId, failure: kind === 'task-failed', lock: false })),
    );
    unknown.forEach((jobId, nth) => {
      const look = looks[nth];
      if (look?.brief?.finishedOn != null) ends.push({ kind, jobId, look });
    });
  }
  const vanished: string[] = [];
  const unfinished = tracker.unfinished(queue, MAX_KEPT);
  for (let from = 0; from < unfinished.length; from += PAGE) {
    const ids = unfinished.slice(from, from + PAGE);
    const replies = await link.batch(ids.map((id) => ['EXISTS', queue.at(id)]));
    vanished.push(...ids.filter((_, nth) => countOf(replies[nth]) === 0 && replies[nth] === 0));
  }
  return { ends, vanished };
}

/** Newest first, at most MAX_KEPT. */
async function finishedSince(link: RedisLink, key: string, since: number): Promise<readonly string[]> {
  const ids: string[] = [];
  while (ids.length < MAX_KEPT) {
    const page = textsOf(await link.call(['ZREVRANGEBYSCORE', key, '+inf', since, 'LIMIT', ids.length, PAGE]));
    ids.push(...page);
    if (page.length < PAGE) break;
  }
  // Jobs that finished while we paged have moved the others back.
  return [...new Set(ids)];
}

/**
 * Tells what is now known of a shortfall: ends with their names where the jobs are kept, numbers where the workers count, and a gap that says
 * how much is still missing.
 */
export function repair(
  queue: BullmqQueue,
  shortfall: Shortfall,
  findings: Findings,
  tracker: BullmqTaskTracker,
  mapper: BullmqEventMapper,
  emit: (event: EngineEvent) => void,
): void {
  const { ends, endsAtMost, retriesAtMost } = shortfall;
  const at = millisecondsOf(shortfall.until.id);
  const left = {
    'task-succeeded': ends?.succeeded ?? endsAtMost,
    'task-failed': ends?.failed ?? endsAtMost,
  };
  let told = 0;
  // The newest first: what is left over in the end had finished before the gap.
  for (const { kind, jobId, look } of findings.ends) {
    if (left[kind] > 0 && mapper.found(kind, queue, jobId, at, look)) {
      left[kind] -= 1;
      told += 1;
    }
  }

  if (ends) {
    const gone = findings.vanished.filter((jobId) => tracker.get(queue, jobId) !== undefined);
    const name = nameOfAll(queue, gone, tracker, left['task-succeeded'] + left['task-failed']);
    // Where every missing end is a success, the jobs that are gone are among them, and their names are known.
    for (const jobId of left['task-failed'] === 0 ? gone : []) {
      if (left['task-succeeded'] > 0 && mapper.found('task-succeeded', queue, jobId, at, null)) {
        left['task-succeeded'] -= 1;
      }
    }
    for (const [kind, outcome] of [
      ['task-succeeded', 'success'],
      ['task-failed', 'failure'],
    ] as const) {
      if (left[kind] === 0) continue;
      emit({ kind: 'reconciled', at, name, outcome, count: left[kind], timedOut: 0, reason: null });
    }
  }
  const missed = (ends ? 0 : Math.max(0, endsAtMost - told)) + retriesAtMost;
  emit({
    kind: 'gap',
    from: millisecondsOf(shortfall.from.id) || at,
    to: at,
    queue: queue.label,
    reason: 'overrun',
    missed,
    exactness: missed === 0 && ends !== null ? 'exact' : 'at_most',
  });
}

/** The jobs that are gone have one name, and are as many as ends are missing: then it is theirs, whichever of them failed. */
function nameOfAll(queue: BullmqQueue, gone: readonly string[], tracker: BullmqTaskTracker, missing: number): string {
  const names = new Set(gone.map((jobId) => tracker.get(queue, jobId)?.name ?? null));
  const [only] = names;
  return queue.taskName(names.size === 1 && only != null && gone.length === missing ? only : UNKNOWN_JOB_NAME);
}
