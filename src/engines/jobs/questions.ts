import type { RedisCommand, RedisLink } from '../redis/redis-link.js';

/** Commands with what is to be done with their answers, sent in one round trip. */
export class Questions {
  readonly #commands: RedisCommand[] = [];
  readonly #readers: ((reply: unknown) => void)[] = [];

  ask(command: RedisCommand, read: (reply: unknown) => void): void {
    this.#commands.push(command);
    this.#readers.push(read);
  }

  async send(link: RedisLink, signal: AbortSignal): Promise<void> {
    const replies = await link.batch(this.#commands, signal);
    this.#readers.forEach((read, nth) => {
      read(replies[nth]);
    });
  }
}
