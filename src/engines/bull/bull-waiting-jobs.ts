import { WaitingJobs } from '../jobs/waiting-jobs.js';
import type { RedisLink } from '../redis/redis-link.js';
import { countOf } from '../redis/redis-reply.js';
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
    places: async (queue, signal) => {
      const keys = [queue.at('wait'), queue.at('paused')];
      const lengths = await link.batch(
        keys.map((key) => ['LLEN', key]),
        signal,
      );
      return keys.map((key, nth) => ({ key, kind: 'list', length: countOf(lengths[nth]) }));
    },
    read: (jobs, signal) => readBriefs(link, jobs, signal),
    attempts: ({ attemptsMade }) => attemptsMade,
    begun: ({ attemptsMade, processedOn }) => attemptsMade > 0 || processedOn !== null,
  });
}
