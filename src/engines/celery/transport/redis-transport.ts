import { randomUUID } from 'node:crypto';
import type { BrokerFacts } from '../../../core/broker-facts.js';
import type { Clock } from '../../../core/clock.js';
import { SourceUnavailable } from '../../../core/errors.js';
import type { BrokerCost } from '../../../core/queue-engine.js';
import type { SourceStatus } from '../../../core/source.js';
import { readRedisFacts } from '../../redis/redis-facts.js';
import { sentenceOf } from '../../redis/redis-failure.js';
import { RedisLink } from '../../redis/redis-link.js';
import { RedisMeter } from '../../redis/redis-meter.js';
import { listOf, numberOf, textsOf } from '../../redis/redis-reply.js';
import type { RedisSettings } from '../../redis/redis-settings.js';
import type { CeleryNames } from '../celery-settings.js';
import { textIn } from '../json-fields.js';
import { sweepAbandonedReplies } from './abandoned-replies.js';
import {
  CeleryTransport,
  type ControlRequest,
  type OutgoingTask,
  type QueueDepth,
  type QueueReader,
  type TransportListener,
} from './celery-transport.js';
import { controlBody, REPLY_PREFIX } from './control-body.js';
import { celeryChannels } from './redis-channels.js';
import { bodyOf, controlEnvelope, eventBodyOf, parseEnvelope, taskEnvelope } from './redis-envelope.js';
import { RedisPeek } from './redis-peek.js';
import { RedisQueues } from './redis-queues.js';
import { SourceState } from './source-state.js';

export interface RedisTransportOptions {
  readonly settings: RedisSettings;
  readonly names: CeleryNames;
  readonly clock: Clock;
}

const LEAVE_MS = 300;
/** A blocked read answers this often although nothing came, so that the link's own watch on the connection still gets its turn. */
const BLOCK_SECONDS = 2;
const BLOCK_DEADLINE_MS = 8_000;

/**
 * Celery over Redis: events by publish/subscribe, commands by publish, answers in a list of our own. Three connections: a subscriber may
 * do nothing else, and neither may a connection that waits for answers.
 */
export class RedisTransport extends CeleryTransport {
  readonly #names: CeleryNames;
  readonly #clock: Clock;
  readonly #meter = new RedisMeter();
  readonly #state: SourceState;
  readonly #events: RedisLink;
  readonly #answers: RedisLink;
  readonly #commands: RedisLink;
  readonly #queues: RedisQueues;
  readonly #peek: RedisPeek;
  readonly #patterns: readonly string[];
  readonly #controlChannel: string;
  /** Without the key prefix, as it stands in requests; kombu puts the prefix before it. */
  readonly #replyQueue = `${REPLY_PREFIX}${randomUUID()}`;
  #listener: TransportListener | null = null;
  readonly #sweeping = new AbortController();
  #swept = false;
  #stopped = false;
  /** Since when events may be missed; null before the first subscription. */
  #deafSince: number | null = null;
  #subscribed = false;
  #flushing = false;

  constructor(options: RedisTransportOptions) {
    super();
    const { settings, names, clock } = options;
    this.#names = names;
    this.#clock = clock;
    this.#state = new SourceState(clock, () => this.#lastAnswerAt());
    const channels = celeryChannels(names, settings);
    this.#patterns = channels.events;
    this.#controlChannel = channels.control;
    const link = (name: string, onUp: () => void | Promise<void>): RedisLink =>
      new RedisLink({
        settings,
        clock,
        meter: this.#meter,
        name,
        onUp,
        onDown: (problem) => this.#down(problem),
      });
    this.#events = link('taskscope:celery:events', () => this.#subscribe());
    this.#answers = link('taskscope:celery:answers', () => this.#up());
    this.#commands = link('taskscope:celery', () => {
      this.#up();
      void this.#sweep();
    });
    this.#peek = new RedisPeek(this.#commands, names);
    this.#queues = new RedisQueues(this.#commands, names, () => clock.monotonic());
  }

  override start(listener: TransportListener): void {
    this.#listener = listener;
    this.#state.listen((status) => listener.statusChanged(status));
    this.#events.client.on('pmessageBuffer', (_pattern: string, _channel: Buffer, payload: Buffer) =>
      this.#heard(payload, listener),
    );
    for (const link of this.#links()) link.open();
    void this.#fetchAnswers(listener);
  }

  override async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#sweeping.abort();
    await Promise.all([this.#events.close(), this.#answers.close(), this.#leave()]);
  }

  override status(): SourceStatus {
    return this.#state.current();
  }

  override cost(): BrokerCost {
    return this.#meter.cost();
  }

  override broker(signal: AbortSignal): Promise<BrokerFacts | null> {
    return this.#ask(() => readRedisFacts(this.#commands, { now: this.#clock.now(), signal }));
  }

  override async broadcast(request: ControlRequest, signal: AbortSignal): Promise<number | null> {
    const exchange = `${this.#names.controlExchange}.pidbox`;
    const message = controlEnvelope(exchange, controlBody(request, this.#replyQueue));
    return this.#ask(async () =>
      numberOf(await this.#commands.call(['PUBLISH', this.#controlChannel, message], signal)),
    );
  }

  override knownQueues(signal: AbortSignal): Promise<readonly string[]> {
    return this.#ask(() => this.#queues.known(signal));
  }

  override depths(queues: readonly string[], signal: AbortSignal): Promise<readonly QueueDepth[]> {
    return this.#ask(() => this.#queues.depths(queues, signal));
  }

  override purge(
    queue: string,
    limits: { readonly atMost: number | null; readonly dryRun: boolean },
    signal: AbortSignal,
  ): Promise<{ readonly found: number; readonly removed: number }> {
    return this.#ask(() => this.#peek.purge(queue, limits, signal));
  }

  /** Workers pop from the right, so the left end is the last. A queue that is empty does not exist: nobody can tell it from a typing error. */
  override async enqueue(queue: string, task: OutgoingTask, signal: AbortSignal): Promise<boolean> {
    const key = `${this.#names.keyPrefix}${queue}`;
    await this.#ask(() => this.#commands.call(['LPUSH', key, taskEnvelope(queue, task)], signal));
    return true;
  }

  override readonly reader: QueueReader = {
    first: (queue, limit, signal, offset) => this.#ask(() => this.#peek.first(queue, limit, signal, offset)),
    heads: (queues, signal) => this.#ask(() => this.#peek.heads(queues, signal)),
  };

  /**
   * A worker that dies takes its subscription with it, so the number of listeners bounds the number of workers. Other monitors may listen
   * too: only where there are no more listeners than workers known to be alive is it certain that none of the silent is among them.
   */
  override async provedGone(
    silent: readonly string[],
    alive: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    if (silent.length === 0) return [];
    const ping = { method: 'ping', arguments: {}, destination: silent, ticket: null };
    const listeners = await this.broadcast(ping, signal);
    return listeners !== null && listeners <= alive.length ? silent : [];
  }

  #heard(payload: Buffer, listener: TransportListener): void {
    listener.event(eventBodyOf(payload));
    if (this.#flushing) return;
    // The client parses everything that came by one read before any microtask runs: this is the end of the batch.
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      this.#events.answered();
      listener.eventsRead();
    });
  }

  async #subscribe(): Promise<void> {
    // In small letters: the client keeps its books by the name as written.
    await this.#events.call(['psubscribe', ...this.#patterns]);
    const from = this.#deafSince;
    this.#deafSince = null;
    this.#subscribed = true;
    this.#listener?.listening(from);
    this.#up();
  }

  #up(): void {
    // The link that calls is up only after this; the others must be up already.
    setImmediate(() => {
      if (!this.#stopped && this.#links().every((link) => link.up)) this.#state.connect();
    });
  }

  #down(problem: string): void {
    if (this.#stopped) return;
    if (this.#subscribed && !this.#events.up) {
      this.#subscribed = false;
      this.#deafSince = this.#events.lastAnswerAt ?? this.#clock.now();
    }
    this.#state.disconnect(problem);
  }

  async #leave(): Promise<void> {
    try {
      if (this.#commands.up) await this.#commands.call(['DEL', this.#replyKey()], undefined, LEAVE_MS);
    } catch {
      // The list stays until one of us sweeps: not worth waiting for a dead Redis.
    }
    await this.#commands.close();
  }

  /** Once: what monitors that were killed have left. */
  async #sweep(): Promise<void> {
    if (this.#swept) return;
    this.#swept = true;
    try {
      await sweepAbandonedReplies(this.#commands, `${this.#names.keyPrefix}${REPLY_PREFIX}`, this.#sweeping.signal);
    } catch {
      // Housekeeping: whoever starts next will sweep again.
    }
  }

  async #fetchAnswers(listener: TransportListener): Promise<void> {
    const key = this.#replyKey();
    while (!this.#stopped) {
      try {
        const popped = listOf(
          await this.#answers.call(['BRPOP', key, String(BLOCK_SECONDS)], undefined, BLOCK_DEADLINE_MS),
        );
        if (popped.length < 2) continue;
        // The rest of what has come meanwhile, in one go.
        const [rest] = await this.#answers.transactions([
          [
            ['LRANGE', key, '0', '-1'],
            ['DEL', key],
          ],
        ]);
        const more = textsOf(listOf(rest)[0]).toReversed();
        for (const item of [...textsOf(popped.slice(1)), ...more]) this.#answer(item, listener);
      } catch {
        // The link tells why and reconnects by itself; meanwhile there is nothing to fetch.
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  #answer(item: string, listener: TransportListener): void {
    const envelope = parseEnvelope(item);
    const ticket = textIn(envelope?.headers.ticket);
    if (envelope !== null && ticket !== null) listener.answer(ticket, bodyOf(envelope));
  }

  async #ask<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw new SourceUnavailable(sentenceOf(error), {}, { cause: error });
    }
  }

  #replyKey(): string {
    return `${this.#names.keyPrefix}${this.#replyQueue}`;
  }

  #links(): readonly RedisLink[] {
    return [this.#events, this.#answers, this.#commands];
  }

  #lastAnswerAt(): number | null {
    const times = this.#links().flatMap((link) => link.lastAnswerAt ?? []);
    return times.length === 0 ? null : Math.max(...times);
  }
}
