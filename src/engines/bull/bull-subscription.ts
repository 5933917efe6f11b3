import { failureOf } from '../redis/redis-failure.js';
import type { RedisLink } from '../redis/redis-link.js';
import { type ChannelKind, channelPatterns } from './bull-channel.js';

export interface BullSubscriptionOptions {
  readonly prefixes: readonly string[];
  /** Makes the connection that is subscribed. */
  readonly connect: (onUp: () => Promise<void>, onDown: (problem: string) => void) => RedisLink;
  readonly heard: (kind: ChannelKind, channel: string, payload: string) => void;
  /** It holds from now on. `deafSince`: the last sign of life before it was lost, in epoch milliseconds; null the first time. */
  readonly up: (deafSince: number | null) => void;
  readonly down: (problem: string) => void;
  readonly denied: (feature: string) => void;
}

/** The connection that is subscribed to Bull's channels. */
export class BullSubscription {
  readonly link: RedisLink;
  readonly #o: BullSubscriptionOptions;
  readonly #kinds: ReadonlyMap<string, ChannelKind>;
  #hears = true;
  #deafSince: number | null = null;

  constructor(options: BullSubscriptionOptions) {
    this.#o = options;
    this.#kinds = new Map(channelPatterns(options.prefixes).map(({ pattern, kind }) => [pattern, kind]));
    this.link = options.connect(
      () => this.#up(),
      (problem) => this.#down(problem),
    );
    this.link.client.on('pmessage', (pattern: string, channel: string, payload: string) => {
      const kind = this.#kinds.get(pattern);
      this.link.answered();
      if (kind) options.heard(kind, channel, payload);
    });
  }

  /** False where Redis forbids to subscribe: then only what is stored can be found. */
  get hears(): boolean {
    return this.#hears;
  }

  /** Resolves when everything that was published before this call has come in. Rejects while the connection is down. */
  async heardAll(): Promise<void> {
    if (this.#hears) await this.link.call(['PING']);
  }

  async #up(): Promise<void> {
    try {
      await this.link.subscribe([...this.#kinds.keys()]);
      this.#hears = true;
    } catch (error) {
      if (failureOf(error) !== 'denied') throw error;
      this.#hears = false;
      this.#o.denied('live events (PSUBSCRIBE)');
    }
    this.#o.up(this.#deafSince);
    this.#deafSince = null;
  }

  #down(problem: string): void {
    this.#deafSince ??= this.link.lastAnswerAt;
    this.#o.down(problem);
  }
}
