import type { RedisLink } from '../../redis/redis-link.js';
import { numberOf } from '../../redis/redis-reply.js';
import { scanKeys } from '../../redis/scan-keys.js';
import { escapeGlob } from './redis-channels.js';

/** A living monitor fetches its answers within seconds. */
const ABANDONED_AFTER_SECONDS = 600;

/** Deletes lists of answers that nobody has touched for ten minutes. One slow walk through the key space. */
export async function sweepAbandonedReplies(link: RedisLink, prefix: string, signal: AbortSignal): Promise<void> {
  const match = `${escapeGlob(prefix)}*`;
  for await (const keys of scanKeys(link, { match, type: 'list', count: 500, pauseMs: 5, signal })) {
    for (const key of keys) {
      const idle = numberOf(await link.call(['OBJECT', 'IDLETIME', key], signal));
      if (idle !== null && idle > ABANDONED_AFTER_SECONDS) await link.call(['DEL', key], signal);
    }
  }
}
