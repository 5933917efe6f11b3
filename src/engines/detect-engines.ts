import type { Clock } from '../core/clock.js';
import { SourceUnavailable } from '../core/errors.js';
import type { EngineKind } from '../core/source.js';
import { onlyBull } from './bull/bull-discovery.js';
import { onlyBullmq } from './bullmq/bullmq-discovery.js';
import { isCeleryUrl } from './celery/celery-url.js';
import { sentenceOf } from './redis/redis-failure.js';
import { type RedisCommand, RedisLink } from './redis/redis-link.js';
import { RedisMeter } from './redis/redis-meter.js';
import { listOf, textOf, textsOf } from './redis/redis-reply.js';
import { parseRedisUrl, redactUrl } from './redis/redis-url.js';

export interface DetectOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Keys looked at, at most; by default a hundred thousand, well under a second of SCAN. */
  readonly maxKeys?: number;
}

const SCAN_COUNT = 1_000;
/** Kombu's binding sets are there as soon as any Celery worker or client has connected. */
const CELERY_KEYS = [
  '_kombu.binding.celery',
  '_kombu.binding.celery.pidbox',
  '_kombu.binding.celeryev',
  'unacked_index',
];

/**
 * Which engines have left their keys in a Redis. Empty where there are none yet, which is no failure: watch it for Bull and ask again. Throws
 * InvalidRequest for a malformed URL and SourceUnavailable where Redis does not answer before the signal aborts.
 */
export async function detectEngines(url: string, options: DetectOptions): Promise<readonly EngineKind[]> {
  // Of the three only Celery speaks AMQP, and only Celery writes Sentinel addresses in this way.
  if (isCeleryUrl(url)) return ['celery'];
  const link = await connect(url, options);
  try {
    return await detect(link, options);
  } catch (error) {
    throw new SourceUnavailable(`${redactUrl(url)}: ${sentenceOf(error)}`, {}, { cause: error });
  } finally {
    await link.close();
  }
}

function connect(url: string, { clock, signal }: DetectOptions): Promise<RedisLink> {
  const settings = parseRedisUrl(url);
  return new Promise((resolve, reject) => {
    let problem = 'no answer from Redis';
    const link: RedisLink = new RedisLink({
      settings,
      clock,
      meter: new RedisMeter(),
      name: 'taskscope-detect',
      // After `up` is set, which is when this has returned.
      onUp: () => void setImmediate(() => resolve(link)),
      onDown: (why) => {
        problem = why;
      },
    });
    const giveUp = (): void => {
      void link.close();
      reject(new SourceUnavailable(`${redactUrl(url)}: ${problem}`));
    };
    if (signal.aborted) return giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    link.open();
  });
}

async function detect(link: RedisLink, { signal, maxKeys = 100_000 }: DetectOptions): Promise<readonly EngineKind[]> {
  const found = new Set<EngineKind>();
  const celery = await link.batch(
    CELERY_KEYS.map((key): RedisCommand => ['EXISTS', key]),
    signal,
  );
  if (celery.includes(1)) found.add('celery');

  for (const node of link.nodes()) {
    let cursor = '0';
    let left = maxKeys;
    do {
      const reply = listOf(await link.on(node, ['SCAN', cursor, 'MATCH', '*:*', 'COUNT', SCAN_COUNT], signal));
      cursor = textOf(reply[0]) ?? '0';
      left -= SCAN_COUNT;
      await judge(link, textsOf(reply[1]), found, signal);
    } while (cursor !== '0' && left > 0 && found.size < 3);
  }
  return [...found].sort();
}

/** Both libraries keep `<prefix>:<queue>:id`; BullMQ alone keeps an event stream, and `:meta` with its own fields. */
async function judge(
  link: RedisLink,
  keys: readonly string[],
  found: Set<EngineKind>,
  signal: AbortSignal,
): Promise<void> {
  if (keys.some((key) => key.startsWith('_kombu.binding.'))) found.add('celery');
  const candidates = keys.filter((key) => key.endsWith(':id')).map((key) => key.slice(0, -':id'.length));
  if (!found.has('bull') && (await onlyBull(link, candidates, signal)).length > 0) found.add('bull');
  if (found.has('bullmq')) return;
  const streams = keys.filter((key) => key.endsWith(':meta') || key.endsWith(':events'));
  const others = [...new Set(streams.map((key) => key.slice(0, key.lastIndexOf(':'))))];
  if ((await onlyBullmq(link, others, signal)).length > 0) found.add('bullmq');
}
