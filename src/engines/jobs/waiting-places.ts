import type { RedisCommand, RedisLink } from '../redis/redis-link.js';
import { textsOf } from '../redis/redis-reply.js';

/** One of the places in which jobs of a queue wait. */
export interface WaitingPlace {
  readonly key: string;
  /** list: workers take from its right end. set: they take the lowest score. */
  readonly kind: 'list' | 'set';
  readonly length: number;
  /** Entries at the end that workers take from that are no jobs. */
  readonly without?: number;
}

/**
 * Ids at some places of the order in which workers take them, over lists and sets one behind the other. One round trip of one command per place
 * that is touched; Redis goes to a place in a list from its nearer end, block by block: some 0.1 ms in the middle of a million.
 */
export async function idsAt(
  link: RedisLink,
  places: readonly WaitingPlace[],
  { offset, limit }: { readonly offset: number; readonly limit: number },
  signal: AbortSignal,
): Promise<readonly string[]> {
  let [skip, left] = [offset, limit];
  const wanted: { readonly kind: WaitingPlace['kind']; readonly command: RedisCommand }[] = [];
  for (const { key, kind, length, without = 0 } of places) {
    const leftOut = Math.min(skip, length);
    const count = Math.min(left, length - leftOut);
    skip -= leftOut;
    left -= count;
    if (count === 0) continue;
    const [first, last] = [leftOut + without, leftOut + without + count - 1];
    const command: RedisCommand =
      kind === 'list' ? ['LRANGE', key, -last - 1, -first - 1] : ['ZRANGE', key, first, last];
    wanted.push({ kind, command });
  }
  const replies = await link.batch(
    wanted.map(({ command }) => command),
    signal,
  );
  return wanted.flatMap(({ kind }, nth) => {
    const ids = textsOf(replies[nth]);
    return kind === 'list' ? ids.toReversed() : ids;
  });
}
