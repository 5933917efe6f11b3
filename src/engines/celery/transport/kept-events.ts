import type { Channel, ConsumeMessage } from 'amqplib';

/** More than comes between two moments at which the history is stored. */
const UNACKNOWLEDGED = 50_000;
/** Of events that wait while nobody reads them; beyond it the oldest go, and the workers' own counts tell how many. */
const MAX_WAITING_BYTES = 1024 * 1024 * 1024;

/**
 * A durable queue of our own, in which events wait while we are away. What has been read is acknowledged when it has been counted, or, where a
 * history is kept, when the history has stored that: what is told twice then has been counted once.
 */
export class KeptEvents {
  readonly queue: string;
  #channel: Channel | null = null;
  #counted: ConsumeMessage | null = null;
  /** Counted by when the position was last taken. */
  #positioned: ConsumeMessage | null = null;
  #waitsForHistory = false;

  constructor(queue: string) {
    this.queue = queue;
  }

  async connected(channel: Channel, exchange: string, heard: (message: ConsumeMessage | null) => void): Promise<void> {
    await channel.assertQueue(this.queue, {
      durable: true,
      arguments: { 'x-queue-type': 'quorum', 'x-max-length-bytes': MAX_WAITING_BYTES, 'x-overflow': 'drop-head' },
    });
    await channel.bindQueue(this.queue, exchange, '#');
    await channel.prefetch(UNACKNOWLEDGED);
    channel.on('close', () => this.disconnected());
    this.#channel = channel;
    await channel.consume(this.queue, heard);
  }

  disconnected(): void {
    this.#channel = null;
    this.#counted = null;
    this.#positioned = null;
  }

  /** Everything up to this message has been counted. */
  counted(last: ConsumeMessage): void {
    if (this.#channel === null) return;
    if (this.#waitsForHistory) this.#counted = last;
    else this.#channel.ack(last, true);
  }

  /** Whoever stores what has been counted takes it now, and has stored what it took before. */
  positionTaken(): void {
    this.#waitsForHistory = true;
    if (this.#positioned !== null) this.#channel?.ack(this.#positioned, true);
    this.#positioned = this.#counted;
    this.#counted = null;
  }
}
