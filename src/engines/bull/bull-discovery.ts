import type { RedisCommand, RedisLink } from '../redis/redis-link.js';
import { listOf, textOf } from '../redis/redis-reply.js';
import { scanKeys } from '../redis/scan-keys.js';
import { escapeGlob } from './bull-channel.js';

/** Keys looked at per SCAN: some 0.3 ms of Redis. */
const SCAN_COUNT = 500;

export interface DiscoveryOptions {
  readonly link: RedisLink;
  readonly prefixes: readonly string[];
  /** Pause between two SCANs. */
  readonly pauseMs: number;
  readonly signal: AbortSignal;
}

/**
 * Finds Bull's queues by the counter every one of them has, `<prefix>:<name>:id`, and calls `found` with the keys of each batch, and with the
 * keys of counters that have nothing of a queue beside them. O(keys in the database) in small steps, and a few commands per candidate.
 */
export async function discoverBullQueues(
  options: DiscoveryOptions,
  found: (keys: readonly string[], bare: readonly string[]) => void,
): Promise<void> {
  const starts = options.prefixes.length > 0 ? options.prefixes.map((prefix) => `${escapeGlob(prefix)}:`) : [''];
  for (const start of starts) {
    const scan = scanKeys(options.link, {
      match: `${start}*:id`,
      type: 'string',
      count: SCAN_COUNT,
      pauseMs: options.pauseMs,
      signal: options.signal,
    });
    for await (const keys of scan) {
      const candidates = [...new Set(keys.map((key) => key.slice(0, -':id'.length)))];
      if (candidates.length === 0) continue;
      const queues = new Set(await onlyBull(options.link, candidates, options.signal));
      found(
        [...queues],
        candidates.filter((key) => !queues.has(key)),
      );
    }
  }
}

const EVIDENCE: readonly (readonly [part: string, type: string])[] = [
  ['wait', 'list'],
  ['paused', 'list'],
  ['active', 'list'],
  ['delayed', 'zset'],
  ['completed', 'zset'],
  ['failed', 'zset'],
  ['stalled-check', 'string'],
  ['meta-paused', 'string'],
  ['repeat', 'zset'],
];

/**
 * Those of the candidates that are Bull's. BullMQ names its keys alike, but keeps an event stream, a marker, or its version in `meta`; a `meta`
 * that only says `paused` is Bull's own. A counter with nothing beside it is somebody else's, or a queue with nothing to show yet: its first
 * event will tell.
 */
export async function onlyBull(
  link: RedisLink,
  candidates: readonly string[],
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const replies = await link.batch(
    candidates.flatMap((key): RedisCommand[] => [
      ['HMGET', `${key}:meta`, 'version', 'opts.maxLenEvents'],
      ['TYPE', `${key}:events`],
      ['EXISTS', `${key}:marker`],
      ...EVIDENCE.map(([part]): RedisCommand => ['TYPE', `${key}:${part}`]),
    ]),
    signal,
  );
  const width = 3 + EVIDENCE.length;
  return candidates.filter((_, index) => {
    const [meta, events, marker, ...types] = replies.slice(index * width, (index + 1) * width);
    const mq = listOf(meta).some((field) => field !== null) || textOf(events) === 'stream' || marker === 1;
    return !mq && EVIDENCE.some(([, type], nth) => types[nth] === type);
  });
}
