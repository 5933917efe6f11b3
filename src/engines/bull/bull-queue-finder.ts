import { hasUsualPrefix } from '../jobs/job-queue.js';
import type { RedisLink } from '../redis/redis-link.js';
import { numberOf } from '../redis/redis-reply.js';
import { discoverBullQueues, onlyBull } from './bull-discovery.js';
import type { BullQueue } from './bull-queue.js';
import type { BullQueueRegistry } from './bull-queue-registry.js';

export interface FinderOptions {
  readonly link: RedisLink;
  readonly registry: BullQueueRegistry;
  readonly prefixes: readonly string[];
  /**
   * A queue has just been registered. `addedBefore`: how many jobs it had been given when we began to watch, all of them over; null where it
   * had some then that were not, or is older than our knowledge.
   */
  readonly found: (queue: BullQueue, addedBefore: number | null) => void;
  /** Nothing of the queue is left in Redis. */
  readonly gone: (queue: BullQueue) => void;
  /** Events arrive, and with them the news of new queues. */
  readonly hears: () => boolean;
}

const SCAN_EVERY_MS = 30_000;
/** Without events, scanning is the only way to find a new queue. */
const SCAN_EVERY_DEAF_MS = 4_000;
const PAUSE_MS = 5;
/** A key that is no queue of ours is not asked about again for so long: another database may be busy with it. */
const IGNORE_MS = 10_000;
const MAX_IGNORED = 10_000;
const MAX_BARE = 50_000;

/** Finds queues: by walking the keys, again and again, and by what is heard of. */
export class BullQueueFinder {
  readonly #o: FinderOptions;
  readonly #ignored = new Map<string, number>();
  readonly #meeting = new Map<string, Promise<BullQueue | null>>();
  #timer: NodeJS.Timeout | null = null;
  #scan: AbortController | null = null;
  #first = true;
  /** Counters without a queue at the first walk: an empty queue that erases what has finished looks like that. */
  readonly #bare = new Map<string, number>();

  constructor(options: FinderOptions) {
    this.#o = options;
  }

  /** To be called whenever the link is up. */
  resume(): void {
    this.stop();
    const scan = new AbortController();
    this.#scan = scan;
    this.#walk(scan.signal).then(
      () => this.#again(scan.signal),
      // The link went down, and will call again when it is up; a refusal is asked again later.
      () => this.#again(scan.signal),
    );
  }

  stop(): void {
    this.#scan?.abort();
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** A queue was heard of: registers it, unless its counter is not in our database. Publish/subscribe knows no databases. */
  meet(key: string): Promise<BullQueue | null> {
    const known = this.#o.registry.get(key);
    if (known) return Promise.resolve(known);
    const now = performance.now();
    if ((this.#ignored.get(key) ?? 0) > now) return Promise.resolve(null);
    const meeting = this.#meeting.get(key) ?? this.#meet(key, now).finally(() => this.#meeting.delete(key));
    this.#meeting.set(key, meeting);
    return meeting;
  }

  /** A queue that an agent serves need not have been found yet: its word is good enough. null where no more are taken. */
  believe(prefix: string, name: string): BullQueue | null {
    const key = `${prefix}:${name}`;
    const known = this.#o.registry.get(key);
    if (known) return known;
    const made = this.#o.registry.add(key);
    if (made) this.#announce(made);
    return made;
  }

  #announce(queue: BullQueue): void {
    // After the first walk a queue not met in it is a new one: whatever it was given, it was given while we watched.
    this.#o.found(queue, this.#first ? null : (this.#bare.get(queue.key) ?? 0));
  }

  async #meet(key: string, now: number): Promise<BullQueue | null> {
    const [exists] = await this.#o.link.batch([['EXISTS', `${key}:id`]]);
    if (exists === 1) {
      const queue = this.#o.registry.add(key);
      if (queue) this.#announce(queue);
      return queue;
    }
    if (this.#ignored.size >= MAX_IGNORED) this.#ignored.clear();
    this.#ignored.set(key, now + IGNORE_MS);
    return null;
  }

  #again(signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#timer = setTimeout(() => this.resume(), this.#o.hears() ? SCAN_EVERY_MS : SCAN_EVERY_DEAF_MS);
  }

  async #walk(signal: AbortSignal): Promise<void> {
    const { link, registry, prefixes } = this.#o;
    const seen = new Set<string>();
    // Names are given by who comes first: those of the usual prefix, at once, and at the end of the first walk all others, in a fixed order.
    const waiting: string[] = [];
    const bare: string[] = [];
    await discoverBullQueues({ link, prefixes, pauseMs: this.#first ? 0 : PAUSE_MS, signal }, (keys, others) => {
      for (const key of keys) seen.add(key);
      if (!this.#first) return this.#register(keys);
      this.#register(keys.filter(hasUsualPrefix));
      waiting.push(...keys);
      bare.push(...others.slice(0, MAX_BARE - bare.length));
    });
    if (signal.aborted) return;
    if (this.#first) {
      await this.#countBare(bare, signal);
      this.#register(waiting);
    }
    this.#first = false;
    await this.#dropGone(
      registry.all().filter((queue) => !seen.has(queue.key)),
      signal,
    );
  }

  #register(keys: readonly string[]): void {
    const { registry } = this.#o;
    const fresh = [...new Set(keys)]
      .filter((key) => !registry.get(key))
      .sort((a, b) => Number(b.startsWith('bull:')) - Number(a.startsWith('bull:')) || (a < b ? -1 : 1))
      .flatMap((key) => registry.add(key) ?? []);
    for (const queue of fresh) this.#announce(queue);
  }

  async #countBare(keys: readonly string[], signal: AbortSignal): Promise<void> {
    const counts = await this.#o.link.batch(
      keys.map((key) => ['GET', `${key}:id`]),
      signal,
    );
    keys.forEach((key, index) => {
      const count = numberOf(counts[index]);
      if (count !== null) this.#bare.set(key, count);
    });
  }

  /** A queue that keeps nothing has nothing but its counter; it is gone when that is. */
  async #dropGone(missing: readonly BullQueue[], signal: AbortSignal): Promise<void> {
    if (missing.length === 0) return;
    const { link } = this.#o;
    const counters = await link.batch(
      missing.map((queue) => ['EXISTS', queue.at('id')]),
      signal,
    );
    const wiped = missing.filter((_, index) => counters[index] === 0);
    const alive = new Set(
      await onlyBull(
        link,
        wiped.map((queue) => queue.key),
        signal,
      ),
    );
    for (const queue of wiped) if (!alive.has(queue.key)) this.#o.gone(queue);
  }
}
