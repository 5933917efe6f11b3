import type { AccessNeed } from './redis-access.js';
import { failureOf } from './redis-failure.js';
import type { RedisCommand, RedisLink } from './redis-link.js';

/** The rest of each command, with the key where there is one: none of them changes anything, as the key is nobody's. */
const ARGUMENTS: Readonly<Record<string, (key: string) => readonly string[]>> = {
  brpop: (key) => [key, '0.01'],
  'client|list': () => [],
  del: (key) => [key],
  eval: (key) => ['return 1', '1', key],
  eval_ro: (key) => ['return 1', '1', key],
  exists: (key) => [key],
  get: (key) => [key],
  getrange: (key) => [key, '0', '0'],
  hexists: (key) => [key, 'field'],
  hget: (key) => [key, 'field'],
  hlen: (key) => [key],
  hmget: (key) => [key, 'field'],
  hscan: (key) => [key, '0'],
  hstrlen: (key) => [key, 'field'],
  info: () => ['server'],
  lindex: (key) => [key, '0'],
  llen: (key) => [key],
  lpos: (key) => [key, 'element'],
  lrange: (key) => [key, '0', '0'],
  mget: (key) => [key],
  'object|idletime': (key) => [key],
  pttl: (key) => [key],
  randomkey: () => [],
  scan: () => ['0', 'COUNT', '1'],
  smembers: (key) => [key],
  sscan: (key) => [key, '0'],
  strlen: (key) => [key],
  time: () => [],
  type: (key) => [key],
  'xinfo|stream': (key) => [key],
  xrange: (key) => [key, '-', '+', 'COUNT', '1'],
  xread: (key) => ['COUNT', '1', 'STREAMS', key, '$'],
  xrevrange: (key) => [key, '+', '-', 'COUNT', '1'],
  zcard: (key) => [key],
  zrange: (key) => [key, '0', '0'],
  zrevrange: (key) => [key, '0', '0'],
  zrevrangebyscore: (key) => [key, '1', '0'],
  zscore: (key) => [key, 'member'],
  // Stands for everything that writes.
  '@write': (key) => [key, '0', 'element'],
};
const WRITES: Readonly<Record<string, string>> = { '@write': 'lrem' };

/**
 * The commands that the access rules deny, by feature; empty where all is allowed. Tries each once on a key that is nobody's. What can only be tried by
 * doing it, publishing and subscribing, is left to whoever really does it.
 */
export async function deniedCommands(
  link: RedisLink,
  needs: readonly AccessNeed[],
  signal: AbortSignal,
): Promise<ReadonlyMap<AccessNeed, readonly string[]>> {
  const denied = new Map<AccessNeed, readonly string[]>();
  for (const need of needs) {
    const probes = need.commands.flatMap((command) => {
      const rest = ARGUMENTS[command];
      if (rest === undefined) return [];
      const [pattern = '*'] = [...(need.writes ?? []), ...(need.reads ?? [])];
      const words = (WRITES[command] ?? command).split('|').map((word) => word.toUpperCase());
      return [{ command, words: [...words, ...rest(pattern.replaceAll('*', 'taskscope-check'))] }];
    });
    const replies = await link.batch(
      probes.map(({ words }): RedisCommand => [words[0] ?? '', ...words.slice(1)]),
      signal,
    );
    const refused = probes.filter((_, at) => {
      const reply = replies[at];
      return reply instanceof Error && failureOf(reply) === 'denied';
    });
    if (refused.length > 0)
      denied.set(
        need,
        refused.map(({ command }) => command),
      );
  }
  return denied;
}
