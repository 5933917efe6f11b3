import { hasUsualPrefix } from '../jobs/job-queue.js';
import { failureOf } from '../redis/redis-failure.js';
import type { RedisLink } from '../redis/redis-link.js';
import { textOf } from '../redis/redis-reply.js';
import { queueKeysOfClients } from './bullmq-client-list.js';
import { discoverBullmqQueues, onlyBullmq } from './bullmq-discovery.js';
import type { BullmqQueue } from './bullmq-queue.js';
import type { BullmqQueueRegistry } from './bullmq-queue-registry.js';

export interface FinderOptions {
  readonly link: RedisLink;
  readonly registry: BullmqQueueRegistry;
  readonly prefixes: readonly string[];
  /** A queue has just been registered. `isNew`: it was not there when the keys were walked first. */
  readonly found: (queue: BullmqQueue, isNew: boolean) => void;
  /** All keys have been walked once: every queue that was there has been told of. */
  readonly walked: () => void;
  /** Nothing of the queue is left in Redis. */
  readonly gone: (queue: BullmqQueue) => void;
  /** Redis refuses a command that this feature needs. */
  readonly denied: (feature: string) => void;
}

/** The shortest time between two walks; where a walk is long, twenty times its own length. */
const WALK_EVERY_MS = 1_000;
const WALK_SHARE = 20;
const MOST_MS = 15_000;
const PAUSE_MS = 2;
/** Workers' connections tell of a new queue long before a walk over millions of keys does. */
const CLIENTS_EVERY_MS = 2_000;

/** Finds queues, again and again: by walking the keys, and by the workers that wait for jobs. Streams announce nothing by themselves. */
export class BullmqQueueFinder {
  readonly #o: FinderOptions;
  #timers: NodeJS.Timeout[] = [];
  #scan: AbortController | null = null;
  #walked = false;
  #clientsDenied = false;

  constructor(options: FinderOptions) {
    this.#o = options;
  }

  /** To be called whenever the link is up. */
  resume(): void {
    this.stop();
    const scan = new AbortController();
    this.#scan = scan;
    void this.#walkAgain(scan.signal);
    this.#askClientsAgain(scan.signal);
  }

  stop(): void {
    this.#scan?.abort();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
  }

  async #walkAgain(signal: AbortSignal): Promise<void> {
    const began = performance.now();
    try {
      await this.#walk(signal);
    } catch (error) {
      // Otherwise the link went down, and will call again when it is up.
      if (failureOf(error) === 'denied') this.#o.denied('finding queues (SCAN)');
    }
    const took = performance.now() - began;
    const pause = Math.min(MOST_MS, Math.max(WALK_EVERY_MS, took * WALK_SHARE));
    this.#later(pause, signal, () => void this.#walkAgain(signal));
  }

  async #walk(signal: AbortSignal): Promise<void> {
    const { link, registry, prefixes } = this.#o;
    const seen = new Set<string>();
    // Names are given by who comes first: those of the usual prefix, at once, and at the end of the first walk all others, in a fixed order.
    const waiting: string[] = [];
    const isKnown = (key: string): boolean => registry.get(key) !== undefined;
    await discoverBullmqQueues({ link, prefixes, isKnown, pauseMs: this.#walked ? PAUSE_MS : 0, signal }, (keys) => {
      for (const key of keys) seen.add(key);
      if (this.#walked) this.#register(keys, true);
      else {
        this.#register(keys.filter(hasUsualPrefix), false);
        waiting.push(...keys);
      }
    });
    if (signal.aborted) return;
    if (!this.#walked) {
      this.#register(waiting, false);
      this.#walked = true;
      this.#o.walked();
    }
    const missing = registry.all().filter((queue) => !seen.has(queue.key));
    const there = new Set(
      await onlyBullmq(
        link,
        missing.map((queue) => queue.key),
        signal,
      ),
    );
    for (const queue of missing) if (!there.has(queue.key)) this.#o.gone(queue);
  }

  #askClientsAgain(signal: AbortSignal): void {
    this.#later(CLIENTS_EVERY_MS, signal, () => {
      this.#askClients(signal).then(
        () => this.#askClientsAgain(signal),
        (error: unknown) => {
          this.#clientsDenied = failureOf(error) === 'denied' || failureOf(error) === 'other';
          this.#askClientsAgain(signal);
        },
      );
    });
  }

  async #askClients(signal: AbortSignal): Promise<void> {
    const { link, registry } = this.#o;
    if (!this.#walked || this.#clientsDenied) return;
    for (const node of link.nodes()) {
      const list = textOf(await link.on(node, ['CLIENT', 'LIST'], signal)) ?? '';
      const fresh = queueKeysOfClients(list).filter((key) => !registry.get(key));
      if (fresh.length > 0) this.#register(await onlyBullmq(link, fresh, signal), true);
    }
  }

  #register(keys: readonly string[], isNew: boolean): void {
    const { registry, found } = this.#o;
    const fresh = [...new Set(keys)]
      .filter((key) => !registry.get(key))
      .sort((a, b) => Number(b.startsWith('bull:')) - Number(a.startsWith('bull:')) || (a < b ? -1 : 1));
    for (const key of fresh) {
      const queue = registry.add(key);
      if (queue) found(queue, isNew);
    }
  }

  #later(ms: number, signal: AbortSignal, act: () => void): void {
    if (signal.aborted) return;
    const timer = setTimeout(() => {
      this.#timers = this.#timers.filter((its) => its !== timer);
      act();
    }, ms);
    this.#timers.push(timer);
  }
}
