import type { RedisLink } from './redis-link.js';
import { listOf, textOf, textsOf } from './redis-reply.js';

export interface ScanOptions {
  readonly match: string;
  /** Redis type, such as `string`; servers older than 6 do not know it and are asked without. null for any. */
  readonly type: string | null;
  /** Keys looked at per call: the time Redis is held up. */
  readonly count: number;
  /** Pause between two calls, so that a scan of millions of keys is never felt. */
  readonly pauseMs: number;
  readonly signal: AbortSignal;
}

/**
 * Walks the whole key space in small steps, never with KEYS. Yields one batch of names per call, possibly empty, with repetitions, as SCAN
 * does. O(keys in the database) altogether, O(count) at a time.
 */
export async function* scanKeys(link: RedisLink, options: ScanOptions): AsyncIterableIterator<readonly string[]> {
  for (const node of link.nodes()) {
    let cursor = '0';
    let typed = options.type !== null;
    do {
      if (options.signal.aborted) return;
      const args = [
        'MATCH',
        options.match,
        'COUNT',
        String(options.count),
        ...(typed && options.type !== null ? ['TYPE', options.type] : []),
      ];
      try {
        const reply = listOf(await link.on(node, ['SCAN', cursor, ...args], options.signal));
        cursor = textOf(reply[0]) ?? '0';
        yield textsOf(reply[1]);
      } catch (error) {
        if (!typed || !(error instanceof Error) || !/syntax error/i.test(error.message)) throw error;
        typed = false;
      }
      if (options.pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, options.pauseMs));
    } while (cursor !== '0');
  }
}
