import { Cluster, type Redis } from 'ioredis';
import type { Clock } from '../../core/clock.js';
import { ReconnectDelay } from '../../core/reconnect-delay.js';
import { withDeadline } from './deadline.js';
import { createRedisClient, DISCONNECT_MS, type RedisClient } from './redis-client.js';
import { failureOf, sentenceOf } from './redis-failure.js';
import type { RedisMeter } from './redis-meter.js';
import { type RedisCommand, sendBatch, sendTransactions } from './redis-send.js';
import type { RedisSettings } from './redis-settings.js';
import { bytesReadBy, openSockets } from './redis-sockets.js';

export type { RedisCommand } from './redis-send.js';

export interface RedisLinkOptions {
  readonly settings: RedisSettings;
  readonly clock: Clock;
  readonly meter: RedisMeter;
  /** Shown by CLIENT LIST. */
  readonly name: string;
  /** Every connection made, after Redis has answered its first PING. May throw: the connection is then tried again. */
  readonly onUp: () => void | Promise<void>;
  /** An established connection is gone, or an attempt failed; `problem` is one sentence without secrets. */
  readonly onDown: (problem: string) => void;
}

const COMMAND_MS = 5_000;
/** A silent socket is found within PING_EVERY_MS + PONG_WITHIN_MS. */
const PING_EVERY_MS = 2_500;
const PONG_WITHIN_MS = 4_000;
/** While it loads or is busy, Redis is asked this often. */
const NOT_READY_RETRY_MS = 500;

/**
 * One connection to Redis that is kept alive: connects, asks whether Redis is ready, watches with PING, reconnects with a capped, jittered
 * back-off. Between `onUp` and `onDown` it is up, and only then commands are sent; nothing is queued while it is down, so a caller always
 * knows whether its command was sent. Works for a subscriber too, as PING is allowed there.
 */
export class RedisLink {
  readonly client: RedisClient;
  readonly #options: RedisLinkOptions;
  readonly #delay = new ReconnectDelay();
  #everUp = false;
  #up = false;
  #closed = false;
  #epoch = 0;
  #lastError: unknown = null;
  #lastAnswerAt: number | null = null;
  #watch: NodeJS.Timeout | null = null;
  #reopening: NodeJS.Timeout | null = null;
  #bytesClosed = 0;
  #bytesOpen = 0;

  constructor(options: RedisLinkOptions) {
    this.#options = options;
    this.client = createRedisClient(options.settings, { retryDelay: () => this.#delay.next() });
    options.meter.attach(this);
    this.client.on('ready', () => void this.#ready());
    this.client.on('error', (error: unknown) => {
      this.#lastError = error;
    });
    this.client.on('close', () => this.#down());
    // A client that gives up, as ioredis does when it is disconnected while it connects, is opened again.
    this.client.on('end', () => this.#reopen());
  }

  get up(): boolean {
    return this.#up;
  }

  /** Epoch milliseconds of the last answer of any kind. */
  get lastAnswerAt(): number | null {
    return this.#lastAnswerAt;
  }

  /** Begins to connect; never throws because Redis is away. */
  open(): void {
    this.client.connect().catch((error: unknown) => {
      // A first attempt that fails is retried by the client itself; 'close' has been or will be told.
      this.#lastError ??= error;
      if (this.client.status === 'end') this.#reopen();
    });
  }

  /** One command. Rejects at once while the link is down, and after five seconds without an answer. */
  async call(command: RedisCommand, signal?: AbortSignal, withinMs = COMMAND_MS): Promise<unknown> {
    const [name, ...args] = command;
    this.#options.meter.sent(1);
    const reply = await withDeadline(this.client.call(name, ...args), withinMs, signal);
    this.answered();
    return reply;
  }

  /** Turns the connection into a subscriber's; messages come as the client's `pmessage`. To be called from `onUp`: it does not last. */
  async subscribe(patterns: readonly string[]): Promise<void> {
    this.#options.meter.sent(1);
    await withDeadline(this.client.psubscribe(...patterns), COMMAND_MS);
    this.answered();
  }

  /** One command to one server of `nodes()`. */
  async on(node: Redis, command: RedisCommand, signal?: AbortSignal): Promise<unknown> {
    const [name, ...args] = command;
    this.#options.meter.sent(1);
    const reply = await withDeadline(node.call(name, ...args), COMMAND_MS, signal);
    this.answered();
    return reply;
  }

  /**
   * Many commands in one round trip. A command that Redis refuses has an Error in its place; the whole rejects only when the connection
   * fails. In a Cluster the commands are sorted by slot.
   */
  async batch(
    commands: readonly RedisCommand[],
    signal?: AbortSignal,
    withinMs = COMMAND_MS,
  ): Promise<readonly unknown[]> {
    if (commands.length === 0) return [];
    this.#options.meter.sent(commands.length);
    const replies = await withDeadline(sendBatch(this.client, commands), withinMs, signal);
    this.answered();
    return replies;
  }

  /**
   * Lends the connection to a library, which then opens none of its own. Rejects at once while the link is down; where time is up, what the
   * library has begun may still be done. Counted as one command.
   */
  async lend<T>(work: (client: RedisClient) => Promise<T>, signal?: AbortSignal, withinMs = COMMAND_MS): Promise<T> {
    if (!this.#up) throw new Error('Connection is closed');
    this.#options.meter.sent(1);
    const found = await withDeadline(work(this.client), withinMs, signal);
    this.answered();
    return found;
  }

  /**
   * Many transactions, MULTI … EXEC, in one round trip; the keys of each must share a slot. One that Redis refuses has an Error in its place.
   */
  async transactions(
    groups: readonly (readonly RedisCommand[])[],
    signal?: AbortSignal,
  ): Promise<readonly (readonly unknown[] | Error)[]> {
    if (groups.length === 0) return [];
    this.#options.meter.sent(groups.reduce((sum, commands) => sum + commands.length + 2, 0));
    const replies = await withDeadline(sendTransactions(this.client, groups), COMMAND_MS, signal);
    this.answered();
    return replies;
  }

  /** Something came from Redis: the connection is alive. */
  answered(): void {
    this.#lastAnswerAt = this.#options.clock.now();
  }

  /** Drops the connection and makes a new one; for owners that noticed what PING does not. */
  reconnect(why: unknown): void {
    if (this.#closed) return;
    this.#lastError = why;
    this.#drop();
  }

  /** Ends the connection for good. Resolves when its sockets are closed, which takes half a second at most. Idempotent. */
  close(): Promise<void> {
    if (this.#closed || this.client.status === 'end' || this.client.status === 'wait') {
      this.#closed = true;
      return Promise.resolve();
    }
    this.#closed = true;
    this.#up = false;
    this.#stopWatching();
    if (this.#reopening) clearTimeout(this.#reopening);
    return new Promise((resolve) => {
      const deadline = setTimeout(resolve, 2 * DISCONNECT_MS);
      this.client.once('end', () => {
        clearTimeout(deadline);
        resolve();
      });
      this.client.disconnect();
    });
  }

  /** The servers to which whole-server commands, such as SCAN, must go one by one. */
  nodes(): readonly Redis[] {
    return this.client instanceof Cluster ? this.client.nodes('master') : [this.client];
  }

  openSockets(): number {
    return openSockets(this.client).length;
  }

  bytesRead(): number {
    return this.#bytesClosed + bytesReadBy(this.client);
  }

  async #ready(): Promise<void> {
    this.#epoch += 1;
    const epoch = this.#epoch;
    for (;;) {
      if (this.#closed || epoch !== this.#epoch) return;
      try {
        await this.#ping();
        if (epoch !== this.#epoch) return;
        await this.#introduce();
        if (epoch !== this.#epoch) return;
        await this.#options.onUp();
        if (this.#closed || epoch !== this.#epoch) return;
        break;
      } catch (error) {
        if (this.#closed || epoch !== this.#epoch) return;
        const failure = failureOf(error);
        if (failure !== 'loading' && failure !== 'busy' && failure !== 'masterdown') {
          // After a refused AUTH the client is 'ready' for a moment and then closes: the refusal says more than the closing.
          if (failure !== 'unreachable' || this.#lastError === null) this.#lastError = error;
          this.#drop();
          return;
        }
        this.#options.onDown(sentenceOf(error));
        await new Promise((resolve) => setTimeout(resolve, NOT_READY_RETRY_MS));
      }
    }
    if (this.#everUp) this.#options.meter.reconnected();
    this.#delay.reset();
    this.#everUp = true;
    this.#up = true;
    this.#lastError = null;
    this.#keepWatching(epoch);
  }

  /** A name for CLIENT LIST; servers that deny or do not know the command are as good. */
  async #introduce(): Promise<void> {
    this.#options.meter.sent(1);
    try {
      await withDeadline(this.client.call('CLIENT', 'SETNAME', this.#options.name), COMMAND_MS);
    } catch (error) {
      if (failureOf(error) === 'unreachable') throw error;
    }
  }

  /** PING may be denied by an ACL; any answer at all proves the connection. */
  async #ping(): Promise<void> {
    this.#options.meter.sent(1);
    try {
      await withDeadline(this.client.ping(), PONG_WITHIN_MS);
    } catch (error) {
      if (failureOf(error) !== 'denied') throw error;
    }
    this.answered();
  }

  #keepWatching(epoch: number, afterMs = PING_EVERY_MS): void {
    this.#stopWatching();
    this.#watch = setTimeout(() => {
      this.#bytesOpen = bytesReadBy(this.client);
      this.#ping().then(
        () => {
          if (epoch === this.#epoch && this.#up) this.#keepWatching(epoch);
        },
        (error: unknown) => {
          if (epoch !== this.#epoch || this.#closed) return;
          const failure = failureOf(error);
          // A script that runs too long, or a save being loaded, is an answer: the socket lives.
          if (failure === 'busy' || failure === 'masterdown') this.#keepWatching(epoch);
          // An answer comes after everything that a subscriber was sent before: while that still comes in, the socket lives, too.
          else if (bytesReadBy(this.client) > this.#bytesOpen) this.#keepWatching(epoch, 0);
          else this.reconnect(error);
        },
      );
    }, afterMs);
  }

  #stopWatching(): void {
    if (this.#watch) clearTimeout(this.#watch);
    this.#watch = null;
  }

  #down(): void {
    this.#epoch += 1;
    this.#stopWatching();
    this.#bytesClosed += this.#bytesOpen;
    this.#bytesOpen = 0;
    this.#up = false;
    if (this.#closed) return;
    this.#options.onDown(this.#lastError === null ? 'Redis closed the connection' : sentenceOf(this.#lastError));
  }

  /** Not while it is already on its way to a new connection: ioredis would take that for the end. */
  #drop(): void {
    if (this.client.status === 'ready' || this.client.status === 'connect') this.client.disconnect(true);
  }

  #reopen(): void {
    if (this.#closed || this.#reopening) return;
    this.#reopening = setTimeout(() => {
      this.#reopening = null;
      if (!this.#closed && this.client.status === 'end') this.open();
    }, this.#delay.next());
  }
}
