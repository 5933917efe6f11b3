import type { Channel, ChannelModel, Replies } from 'amqplib';
import { amqpCode } from './amqp-failure.js';
import type { QueueDepth } from './celery-transport.js';
import { within } from './within.js';

const NOT_FOUND = 404;
const LOCKED = 405;
const ANSWER_MS = 5_000;
/** A queue that does not exist costs a channel each time it is asked for. */
const ASK_MISSING_EVERY_MS = 30_000;

/** What a passive declaration tells of a queue: present with counts, somebody's own, or not there. */
export type QueueLook = Replies.AssertQueue | 'locked' | 'missing';

/** Looks at queues by passive declaration, one round trip each; a refusal closes the channel, so they are used up and replaced. */
export class AmqpQueues {
  readonly #now: () => number;
  readonly #missing = new Map<string, number>();
  #connection: ChannelModel | null = null;
  #channel: Channel | null = null;
  #asked = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Round trips so far. */
  get asked(): number {
    return this.#asked;
  }

  connected(connection: ChannelModel): void {
    this.#connection = connection;
    this.#channel = null;
  }

  /** Ready messages alone: the protocol does not tell how many are unacknowledged. */
  async depths(queues: readonly string[], signal: AbortSignal): Promise<readonly QueueDepth[]> {
    const depths: QueueDepth[] = [];
    for (const name of queues) {
      const missedAt = this.#missing.get(name);
      if (missedAt !== undefined && this.#now() - missedAt < ASK_MISSING_EVERY_MS) continue;
      const look = await this.look(name, signal);
      if (look === 'missing') this.#missing.set(name, this.#now());
      else this.#missing.delete(name);
      if (typeof look === 'string') continue;
      depths.push({
        name,
        length: look.messageCount,
        byPriority: null,
        unacknowledged: null,
        consumers: look.consumerCount,
      });
    }
    return depths;
  }

  /** Ready messages alone; what came between counting and removing is told as removed, too. */
  async purge(
    queue: string,
    { atMost, dryRun }: { readonly atMost: number | null; readonly dryRun: boolean },
    signal: AbortSignal,
  ): Promise<{ readonly found: number; readonly removed: number } | null> {
    const look = await this.look(queue, signal);
    if (typeof look === 'string') return null;
    const found = look.messageCount;
    if (dryRun || (atMost !== null && found > atMost)) return { found, removed: 0 };
    const channel = await this.#obtain(signal);
    this.#asked += 1;
    const { messageCount } = await within(ANSWER_MS, 'purging a queue', channel.purgeQueue(queue), signal);
    return { found, removed: messageCount };
  }

  async look(queue: string, signal: AbortSignal): Promise<QueueLook> {
    const channel = await this.#obtain(signal);
    this.#asked += 1;
    try {
      return await within(ANSWER_MS, 'looking at a queue', channel.checkQueue(queue), signal);
    } catch (error) {
      this.#channel = null;
      const code = amqpCode(error);
      if (code === NOT_FOUND) return 'missing';
      if (code === LOCKED) return 'locked';
      throw error;
    }
  }

  async #obtain(signal: AbortSignal): Promise<Channel> {
    if (this.#channel !== null) return this.#channel;
    if (this.#connection === null) throw new Error('not connected');
    const channel = await within(ANSWER_MS, 'opening a channel', this.#connection.createChannel(), signal);
    // The error is told to whoever asked, by the rejection.
    channel.on('error', () => undefined);
    channel.on('close', () => {
      if (this.#channel === channel) this.#channel = null;
    });
    this.#channel = channel;
    return channel;
  }
}
