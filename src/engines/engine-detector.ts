import type { Redis } from 'ioredis';
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

/** Keys looked at per SCAN: some 0.3 ms of Redis. */
const SCAN_COUNT = 500;
/** Longest walk of one look; where the keys are more, the next look goes on where this one ended. */
const WALK_MS = 2_000;
/** Keys asked for at random. The jobs of a large queue are most of the keys there are, and each names its queue. */
const SAMPLES = 100;
const MAX_SAMPLED = 100;
/** Kombu's binding sets are there as soon as any Celery worker or client has connected. */
const CELERY_KEYS = [
  '_kombu.binding.celery',
  '_kombu.binding.celery.pidbox',
  '_kombu.binding.celeryev',
  'unacked_index',
];
/**
 * What walks look for, one after the other. Both libraries keep `<prefix>:<queue>:id` once a job was added; BullMQ writes `:meta` before
 * that. Matching is done by Redis, so that a million jobs are walked past and not sent.
 */
const WALKS = ['*:id', '*:meta', '_kombu.binding.*'] as const;

/**
 * Finds out which engines have left their keys in a Redis. A look takes three seconds at most, whatever is in the Redis: what is plain to see
 * is found at once, the rest by walking the keys in small steps, from one look to the next.
 */
export class EngineDetector {
  readonly #url: string;
  readonly #clock: Clock;
  readonly #found = new Set<EngineKind>();
  #tell: (engine: EngineKind) => void = () => undefined;
  #sampled = false;
  /** Where the walk stands: which server, which pattern, which key. */
  #node = 0;
  #walk = 0;
  #cursor = '0';
  #sawAll = true;

  constructor(url: string, clock: Clock) {
    this.#url = url;
    this.#clock = clock;
  }

  /** False where the walk is still under way: the next look goes on with it. */
  get sawAll(): boolean {
    return this.#sawAll;
  }

  /**
   * What has been found so far, in this look and in those before; `found` is told of each engine as soon as it is. Empty where there is nothing yet, which is no failure: ask again. Throws
   * InvalidRequest for a malformed URL and SourceUnavailable where Redis does not answer before the signal aborts.
   */
  async detect(
    signal: AbortSignal,
    found: (engine: EngineKind) => void = () => undefined,
  ): Promise<readonly EngineKind[]> {
    this.#tell = found;
    // Of the three only Celery speaks AMQP, and only Celery writes Sentinel addresses in this way.
    if (isCeleryUrl(this.#url)) return ['celery'];
    const link = await this.#connect(signal);
    try {
      const celery = await link.batch(
        CELERY_KEYS.map((key): RedisCommand => ['EXISTS', key]),
        signal,
      );
      if (celery.includes(1)) this.#add('celery');
      if (!this.#sampled) for (const node of link.nodes()) await this.#sample(link, node, signal);
      this.#sampled = true;
      await this.#walkOn(link, signal);
      return [...this.#found].sort();
    } catch (error) {
      throw new SourceUnavailable(`${redactUrl(this.#url)}: ${sentenceOf(error)}`, {}, { cause: error });
    } finally {
      await link.close();
    }
  }

  #connect(signal: AbortSignal): Promise<RedisLink> {
    const settings = parseRedisUrl(this.#url);
    return new Promise((resolve, reject) => {
      let problem = 'no answer from Redis';
      const link: RedisLink = new RedisLink({
        settings,
        clock: this.#clock,
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
        reject(new SourceUnavailable(`${redactUrl(this.#url)}: ${problem}`));
      };
      if (signal.aborted) return giveUp();
      signal.addEventListener('abort', giveUp, { once: true });
      link.open();
    });
  }

  /** RANDOMKEY may be denied; then the walk alone finds what there is. */
  async #sample(link: RedisLink, node: Redis, signal: AbortSignal): Promise<void> {
    const keys = new Set<string>();
    for (const reply of await Promise.allSettled(Array.from({ length: SAMPLES }, () => link.on(node, ['RANDOMKEY'])))) {
      const key = reply.status === 'fulfilled' ? textOf(reply.value) : null;
      // A job is `<prefix>:<queue>:<id>`, its lock and its log one part longer.
      for (let at = key?.lastIndexOf(':') ?? -1, depth = 0; key !== null && at > 0 && depth < 3; depth += 1) {
        keys.add(key.slice(0, at));
        at = key.lastIndexOf(':', at - 1);
      }
    }
    await this.#judge(link, [...keys].slice(0, MAX_SAMPLED), signal);
  }

  async #walkOn(link: RedisLink, signal: AbortSignal): Promise<void> {
    const until = this.#clock.monotonic() + WALK_MS;
    const nodes = link.nodes();
    this.#node = Math.min(this.#node, nodes.length - 1);
    this.#sawAll = false;
    while (!this.#complete) {
      const [pattern = '', node] = [WALKS[this.#walk], nodes[this.#node]];
      if (!node) return;
      const scan: RedisCommand = ['SCAN', this.#cursor, 'MATCH', pattern, 'COUNT', SCAN_COUNT];
      const [next, keys] = listOf(await link.on(node, scan, signal));
      this.#cursor = textOf(next) ?? '0';
      const found = textsOf(keys);
      if (pattern.startsWith('_kombu') && found.length > 0) this.#add('celery');
      else await this.#judge(link, [...new Set(found.map((key) => key.slice(0, key.lastIndexOf(':'))))], signal);
      if (this.#cursor === '0') {
        this.#walk = (this.#walk + 1) % WALKS.length;
        if (this.#walk === 0) this.#node = (this.#node + 1) % nodes.length;
        // All of them, once around: the next look begins anew, for whoever comes later.
        if (this.#walk === 0 && this.#node === 0) break;
      }
      if (this.#clock.monotonic() >= until) return;
    }
    this.#sawAll = true;
  }

  #add(engine: EngineKind): void {
    if (this.#found.has(engine)) return;
    this.#found.add(engine);
    this.#tell(engine);
  }

  get #complete(): boolean {
    return this.#found.size === 3;
  }

  async #judge(link: RedisLink, candidates: readonly string[], signal: AbortSignal): Promise<void> {
    if (candidates.length === 0) return;
    if (!this.#found.has('bull') && (await onlyBull(link, candidates, signal)).length > 0) this.#add('bull');
    if (!this.#found.has('bullmq') && (await onlyBullmq(link, candidates, signal)).length > 0) {
      this.#add('bullmq');
    }
  }
}
