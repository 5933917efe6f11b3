import { WaitingJobs } from '../jobs/waiting-jobs.js';
import type { RedisLink } from '../redis/redis-link.js';
import { countOf, textsOf } from '../redis/redis-reply.js';
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
    first: async (queue, limit, signal) => {
      const [waitLength, pausedLength, prioritizedCount, wait, paused, prioritized] = await link.batch(
        [
          ['LLEN', queue.at('wait')],
          ['LLEN', queue.at('paused')],
          ['ZCARD', queue.at('prioritized')],
          // One more than asked for: version 4's marker may be among them.
          ['LRANGE', queue.at('wait'), -limit - 1, -1],
          ['LRANGE', queue.at('paused'), -limit, -1],
          ['ZRANGE', queue.at('prioritized'), 0, limit - 1],
        ],
        signal,
      );
      const next = [...textsOf(wait)].reverse();
      const jobs = next.filter((id) => !isMarker(id));
      const markers = next.length - jobs.length;
      const ids = [...jobs, ...[...textsOf(paused)].reverse(), ...textsOf(prioritized)].slice(0, limit);
      return { total: countOf(waitLength) - markers + countOf(pausedLength) + countOf(prioritizedCount), ids };
    },
    read: (jobs, signal) => readBriefs(link, jobs, signal),
    attempts: ({ started }) => started,
    begun: ({ started }) => started > 0,
  });
}
