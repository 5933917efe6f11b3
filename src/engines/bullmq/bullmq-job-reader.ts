import { parseStacks } from '../jobs/job-error.js';
import type { RedisCommand, RedisLink } from '../redis/redis-link.js';
import { numberOf, textOf } from '../redis/redis-reply.js';
import { BRIEF_FIELDS, type BriefJob, briefJob } from './bullmq-job-hash.js';
import type { BullmqQueue } from './bullmq-queue.js';

export interface LookRequest {
  readonly queue: BullmqQueue;
  readonly jobId: string;
  /** Also the stack traces. */
  readonly failure: boolean;
  /** Also who holds its lock. */
  readonly lock: boolean;
}

/** What Redis held of a job shortly after its event. */
export interface JobLook {
  /** null where the job is gone, or was not looked for. */
  readonly brief: BriefJob | null;
  readonly stacks: readonly string[];
  /** Lock token `<worker id>:<number>`; null where it is not locked, or was not asked for. */
  readonly token: string | null;
  /** Starts of the job that the entries tell of which were read together, before the look. */
  readonly startsTold: number;
}

export const NO_LOOK: JobLook = { brief: null, stacks: [], token: null, startsTold: 0 };

/** Longer stack traces are left where they are; the error's class is then `Error`. */
const MAX_STACKS = 256 * 1024;
/** Requests per round trip. */
const CHUNK = 1_000;

/**
 * Looks at many jobs: one round trip per thousand, or two where failures have stack traces: those are measured first, so that a giant one is
 * never read. Answers in the order of the requests.
 */
export async function lookAtJobs(
  link: RedisLink,
  requests: readonly LookRequest[],
  signal?: AbortSignal,
): Promise<readonly JobLook[]> {
  const looks: JobLook[] = [];
  for (let from = 0; from < requests.length; from += CHUNK) {
    looks.push(...(await lookAtChunk(link, requests.slice(from, from + CHUNK), signal)));
  }
  return looks;
}

async function lookAtChunk(
  link: RedisLink,
  requests: readonly LookRequest[],
  signal?: AbortSignal,
): Promise<JobLook[]> {
  const commands: RedisCommand[] = [];
  for (const { queue, jobId, failure, lock } of requests) {
    const key = queue.at(jobId);
    commands.push(['HMGET', key, ...BRIEF_FIELDS]);
    if (failure) commands.push(['HSTRLEN', key, 'stacktrace']);
    if (lock) commands.push(['GET', `${key}:lock`]);
  }
  const replies = await link.batch(commands, signal);

  const looks: JobLook[] = [];
  const withStacks: number[] = [];
  let at = 0;
  for (const { failure, lock } of requests) {
    const brief = briefJob(replies[at++]);
    const length = failure ? (numberOf(replies[at++]) ?? 0) : 0;
    const token = lock ? textOf(replies[at++]) : null;
    if (length > 2 && length <= MAX_STACKS) withStacks.push(looks.length);
    looks.push({ brief, stacks: [], token, startsTold: 0 });
  }
  if (withStacks.length === 0) return looks;

  const stackReplies = await link.batch(
    withStacks.flatMap((index): RedisCommand[] => {
      const request = requests[index];
      return request ? [['HGET', request.queue.at(request.jobId), 'stacktrace']] : [];
    }),
    signal,
  );
  withStacks.forEach((index, nth) => {
    const look = looks[index];
    if (look) looks[index] = { ...look, stacks: parseStacks(textOf(stackReplies[nth])) };
  });
  return looks;
}
