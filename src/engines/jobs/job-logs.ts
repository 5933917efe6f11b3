import type { LogPage, LogPageRequest } from '../../core/queue-engine.js';
import type { RedisLink } from '../redis/redis-link.js';
import { countOf, textsOf } from '../redis/redis-reply.js';

/** Characters shown of a line. */
const MAX_LINE = 64 * 1024;

/** What jobs have logged, stored the same way by both libraries. One round trip; null where there is no such job. */
export async function readJobLogs(
  link: RedisLink,
  jobKey: string,
  { offset, limit, newestFirst }: LogPageRequest,
  signal: AbortSignal,
): Promise<LogPage | null> {
  const key = `${jobKey}:logs`;
  const [first, last] = newestFirst ? [-offset - limit, -offset - 1] : [offset, offset + limit - 1];
  const [exists, total, lines] = await link.batch(
    [
      ['HEXISTS', jobKey, 'timestamp'],
      ['LLEN', key],
      ['LRANGE', key, first, last],
    ],
    signal,
  );
  if (exists !== 1) return null;
  const found = textsOf(lines).map((line) => line.slice(0, MAX_LINE));
  return { lines: newestFirst ? found.reverse() : found, total: countOf(total) };
}
