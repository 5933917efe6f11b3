import type { RedisLink } from '../redis/redis-link.js';
import { textsOf } from '../redis/redis-reply.js';
import type { JobQueue } from './job-queue.js';

/** Whether a job is among the active ones. LPOS is O(running jobs); servers before 6.0.6 do not have it. */
export async function isActive(link: RedisLink, queue: JobQueue, jobId: string, signal: AbortSignal): Promise<boolean> {
  const [position] = await link.batch([['LPOS', queue.at('active'), jobId]], signal);
  if (!(position instanceof Error)) return position !== null;
  const [first] = await link.batch([['LRANGE', queue.at('active'), 0, 999]], signal);
  return textsOf(first).includes(jobId);
}
