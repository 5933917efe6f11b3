import { WaitingJobs } from '../jobs/waiting-jobs.js';
import type { RedisLink } from '../redis/redis-link.js';
import { countOf } from '../redis/redis-reply.js';
import { isMarker } from './bullmq-checkpoint.js';
import type { BriefJob } from './bullmq-job-hash.js';
import { readBriefs } from './bullmq-lists.js';
import type { BullmqQueue } from './bullmq-queue.js';

/** Workers take from the right of `wait`, which versions 4 and 5 rename to `paused` with the queue, and then the prioritised. */
export function bullmqWaitingJobs(
  link: RedisLink,
  redact: (value: unknown) => unknown,
): WaitingJobs<BullmqQueue, BriefJob> {
  return new WaitingJobs({
    link,
    redact,
    places: async (queue, signal) => {
      const [wait, paused, prioritized] = [queue.at('wait'), queue.at('paused'), queue.at('prioritized')];
      const [waiting, next, held, withPriority] = await link.batch(
        [
          ['LLEN', wait],
          ['LINDEX', wait, -1],
          ['LLEN', paused],
          ['ZCARD', prioritized],
        ],
        signal,
      );
      const without = isMarker(next) ? 1 : 0;
      return [
        { key: wait, kind: 'list', length: countOf(waiting) - without, without },
        { key: paused, kind: 'list', length: countOf(held) },
        { key: prioritized, kind: 'set', length: countOf(withPriority) },
      ];
    },
    read: (jobs, signal) => readBriefs(link, jobs, signal),
    attempts: ({ started }) => started,
    begun: ({ started }) => started > 0,
  });
}
