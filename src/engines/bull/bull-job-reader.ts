import { parseStacks } from '../jobs/job-error.js';
import type { RedisCommand, RedisLink } from '../redis/redis-link.js';
import { numberOf, textOf } from '../redis/redis-reply.js';
import { BRIEF_FIELDS, briefJob, EVENT_FIELDS } from './bull-job-hash.js';
import { type JobLook, NO_LOOK } from './bull-message.js';
import type { BullQueue } from './bull-queue.js';

export interface LookRequest {
  readonly queue: BullQueue;
  readonly jobId: string;
  /** Also the stack traces, and whether the job is delayed. */
  readonly failure: boolean;
}

/** Longer stack traces are left where they are; the error's class is then `Error`. */
const MAX_STACKS = 256 * 1024;

/**
 * Looks at many jobs in one round trip, or two where failures have stack traces: those are measured first, so that a giant one is never
 * read. Answers in the order of the requests.
 */
export async function lookAtJobs(link: RedisLink, requests: readonly LookRequest[]): Promise<readonly JobLook[]> {
  const commands: RedisCommand[] = [];
  for (const { queue, jobId, failure } of requests) {
    const key = queue.at(jobId);
    commands.push(['HMGET', key, ...(failure ? BRIEF_FIELDS : EVENT_FIELDS)]);
    if (failure) commands.push(['HSTRLEN', key, 'stacktrace'], ['ZSCORE', queue.at('delayed'), jobId]);
  }
  const replies = await link.batch(commands);

  const looks: JobLook[] = [];
  const withStacks: number[] = [];
  let at = 0;
  for (const { failure } of requests) {
    const brief = briefJob(replies[at++]);
    if (failure) {
      const length = numberOf(replies[at++]) ?? 0;
      const score = numberOf(replies[at++]);
      if (length > 2 && length <= MAX_STACKS) withStacks.push(looks.length);
      looks.push({ brief, stacks: [], delayedUntil: score === null ? null : dueTime(score) });
    } else {
      looks.push(brief === null ? NO_LOOK : { brief, stacks: [], delayedUntil: null });
    }
  }
  if (withStacks.length === 0) return looks;

  const stackReplies = await link.batch(
    withStacks.flatMap((index): RedisCommand[] => {
      const request = requests[index];
      return request ? [['HGET', request.queue.at(request.jobId), 'stacktrace']] : [];
    }),
  );
  withStacks.forEach((index, nth) => {
    const look = looks[index];
    if (look) looks[index] = { ...look, stacks: parseStacks(textOf(stackReplies[nth])) };
  });
  return looks;
}

/** Bull keeps 12 bits of a counter below the due time of a delayed job, so that those due together stay in order. */
export function dueTime(score: number): number {
  return Math.floor(score / 4096);
}
