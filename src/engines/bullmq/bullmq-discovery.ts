import type { RedisCommand, RedisLink } from '../redis/redis-link.js';
import { listOf, textOf } from '../redis/redis-reply.js';
import { scanKeys } from '../redis/scan-keys.js';

/** Keys looked at per SCAN: some 0.3 ms of Redis. */
const SCAN_COUNT = 500;

export interface DiscoveryOptions {
  readonly link: RedisLink;
  readonly prefixes: readonly string[];
  /** Queues that need no proof any more. */
  readonly isKnown: (key: string) => boolean;
  /** Pause between two SCANs. */
  readonly pauseMs: number;
  readonly signal: AbortSignal;
}

/**
 * Finds BullMQ's queues and calls `found` with the keys of each batch: by the event stream, which every queue has that ever held a job, and by
 * `meta`, for those that never did. One walk, O(keys in the database) in small steps, and three commands per candidate.
 */
export async function discoverBullmqQueues(
  options: DiscoveryOptions,
  found: (keys: readonly string[]) => void,
): Promise<void> {
  const starts = options.prefixes.length > 0 ? options.prefixes.map((prefix) => `${escapeGlob(prefix)}:`) : [''];
  for (const start of starts) {
    const scan = scanKeys(options.link, {
      match: `${start}${EITHER_SIGN}`,
      type: null,
      count: SCAN_COUNT,
      pauseMs: options.pauseMs,
      signal: options.signal,
    });
    for await (const keys of scan) {
      const signs = keys.filter((key) => SIGN.test(key));
      const candidates = [...new Set(signs.map((key) => key.slice(0, key.lastIndexOf(':'))))];
      const strangers = candidates.filter((key) => !options.isKnown(key));
      found(candidates.filter(options.isKnown));
      if (strangers.length > 0) found(await onlyBullmq(options.link, strangers, options.signal));
    }
  }
}

/** Matches `events` and `meta`, and little else: a pattern of Redis has no alternatives, and two walks would take twice as long. */
const EITHER_SIGN = '*:[em][ve][et]*';
const SIGN = /:(?:events|meta)$/;

/**
 * Those of the candidates that are BullMQ's. `meta` alone proves nothing: a paused Bull queue has one too, with `paused` and nothing else. A
 * stream alone may be anybody's. The library's version or its stream limit in `meta` is proof; without them (version 4 writes neither where
 * only a flow or a worker touched the queue) a stream of events beside the id counter is.
 */
export async function onlyBullmq(
  link: RedisLink,
  candidates: readonly string[],
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const replies = await link.batch(
    candidates.flatMap((key): RedisCommand[] => [
      ['HMGET', `${key}:meta`, 'version', 'opts.maxLenEvents'],
      ['TYPE', `${key}:events`],
      ['TYPE', `${key}:id`],
    ]),
    signal,
  );
  return candidates.filter((_, index) => {
    const [meta, events, id] = replies.slice(index * 3, index * 3 + 3);
    const [version, maxLenEvents] = listOf(meta);
    const stream = textOf(events);
    // A key that is no stream would fail the reading of all the others.
    if (stream !== 'stream' && stream !== 'none') return false;
    if (textOf(version)?.startsWith('bullmq') || textOf(maxLenEvents) !== null) return true;
    return stream === 'stream' && textOf(id) === 'string';
  });
}

function escapeGlob(text: string): string {
  return text.replace(/[*?[\]^\\]/g, '\\$&');
}
