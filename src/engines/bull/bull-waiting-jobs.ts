import { WaitingJobs } from '../jobs/waiting-jobs.js';
import type { RedisLink } from '../redis/redis-link.js';
import { countOf, textsOf } from '../redis/redis-reply.js';
import type { BriefJob } from './bull-job-hash.js';
import { readBriefs } from './bull-lists.js';
import type { BullQueue } from './bull-queue.js';

/** Waiting jobs lie in one list, the prioritised among them, and in `paused` while their queue is paused; workers take from the right. */
export function bullWaitingJobs(
  link: RedisLink,
  redact: (value: unknown) => unknown,
): WaitingJobs<BullQueue, BriefJob> {
  return new WaitingJobs({
    link,
    redact,
    first: async (queue, limit, signal) => {
      const [waitLength, pausedLength, wait, paused] = await link.batch(
        [
          ['LLEN', queue.at('wait')],
          ['LLEN', queue.at('paused')],
          ['LRANGE', queue.at('wait'), -limit, -1],
          ['LRANGE', queue.at('paused'), -limit, -1],
        ],
        signal,
      );
      const ids = [...[...textsOf(wait)].reverse(), ...[...textsOf(paused)].reverse()].slice(0, limit);
      return { total: countOf(waitLength) + countOf(pausedLength), ids };
    },
    read: (jobs, signal) => readBriefs(link, jobs, signal),
    attempts: ({ attemptsMade }) => attemptsMade,
    begun: ({ attemptsMade, processedOn }) => attemptsMade > 0 || processedOn !== null,
  });
}
