import { randomUUID } from 'node:crypto';
import type { Channel, ChannelModel, ConfirmChannel, ConsumeMessage } from 'amqplib';
import { type BrokerFacts, UNKNOWN_BROKER } from '../../../core/broker-facts.js';
import type { Clock } from '../../../core/clock.js';
import { SourceUnavailable } from '../../../core/errors.js';
import type { BrokerCost } from '../../../core/queue-engine.js';
import type { SourceStatus } from '../../../core/source.js';
import type { AmqpSettings, CeleryNames } from '../celery-settings.js';
import { textIn } from '../json-fields.js';
import { bodyOf } from './amqp-body.js';
import { amqpSentence } from './amqp-failure.js';
import { AmqpLink } from './amqp-link.js';
import { broadcasted, enqueued } from './amqp-publishing.js';
import { AmqpQueues } from './amqp-queues.js';
import {
  CeleryTransport,
  type ControlRequest,
  type OutgoingTask,
  type QueueDepth,
  type TransportListener,
} from './celery-transport.js';
import { controlBody, REPLY_PREFIX } from './control-body.js';
import { KeptEvents } from './kept-events.js';
import { SourceState } from './source-state.js';
import { within } from './within.js';

export interface AmqpTransportOptions {
  readonly settings: AmqpSettings;
  readonly names: CeleryNames;
  readonly clock: Clock;
}

/** What the broker keeps for us while we do not read: older and further events are dropped, and the workers' own counts tell how many. */
const EVENTS_TTL_MS = 60_000;
const MAX_WAITING_EVENTS = 100_000;
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
const PUBLISH_MS = 5_000;
const CONTROL_TTL_MS = 300_000;

/**
 * Celery over AMQP 0-9-1. One connection: a queue of our own bound to the exchange of events, another for answers, a channel for commands
 * and one that is spent on looking at queues. Our queues are exclusive and go with us, but for one that keeps events, where that is wanted.
 */
export class AmqpTransport extends CeleryTransport {
  readonly #names: CeleryNames;
  readonly #clock: Clock;
  readonly #state: SourceState;
  readonly #link: AmqpLink;
  readonly #queues: AmqpQueues;
  readonly #replyQueue = `${REPLY_PREFIX}${randomUUID()}`;
  #listener: TransportListener | null = null;
  #commands: ConfirmChannel | null = null;
  #published = 0;
  #hearing = false;
  #deafSince: number | null = null;
  #flushing = false;
  readonly #kept: KeptEvents | null;
  #last: ConsumeMessage | null = null;

  constructor(options: AmqpTransportOptions) {
    super();
    const { settings, names, clock } = options;
    this.#names = names;
    this.#clock = clock;
    this.#kept = names.eventQueue === null ? null : new KeptEvents(names.eventQueue);
    this.#link = new AmqpLink({
      settings,
      clock,
      name: 'taskscope:celery',
      onUp: (connection) => this.#connected(connection),
      onDown: (problem) => this.#disconnected(problem),
    });
    this.#queues = new AmqpQueues(() => clock.monotonic());
    this.#state = new SourceState(clock, () => this.#link.lastAnswerAt);
  }

  override start(listener: TransportListener): void {
    this.#listener = listener;
    this.#state.listen((status) => listener.statusChanged(status));
    this.#link.open();
  }

  override async stop(): Promise<void> {
    this.#listener = null;
    await this.#link.close();
  }

  override status(): SourceStatus {
    return this.#state.current();
  }

  override cost(): BrokerCost {
    return {
      connections: this.#link.up ? 1 : 0,
      commands: this.#published + this.#queues.asked,
      bytesRead: this.#link.bytesRead,
      reconnects: this.#link.reconnects,
    };
  }

  /** What it says when one connects, and that it takes nothing where it does; the rest only its management would tell. */
  override broker(): Promise<BrokerFacts> {
    return Promise.resolve({
      ...UNKNOWN_BROKER,
      ...this.#link.greeting,
      blocked: this.#link.blocked,
      at: this.#clock.now(),
    });
  }

  /** Confirmed by the broker, which does not tell how many workers it has reached. */
  override broadcast(request: ControlRequest, signal: AbortSignal): Promise<null> {
    return this.#ask(async () => {
      const channel = this.#commands;
      if (channel === null) throw new Error('not connected');
      this.#published += 1;
      const body = Buffer.from(controlBody(request, this.#replyQueue));
      await within(
        PUBLISH_MS,
        'publishing',
        broadcasted(channel, `${this.#names.controlExchange}.pidbox`, body),
        signal,
      );
      return null;
    });
  }

  /** AMQP cannot list queues: the workers and the events name them. Celery's own default is worth a look. */
  override knownQueues(): Promise<readonly string[]> {
    return Promise.resolve(['celery']);
  }

  override depths(queues: readonly string[], signal: AbortSignal): Promise<readonly QueueDepth[]> {
    return this.#ask(() => this.#queues.depths(queues, signal));
  }

  override purge(
    queue: string,
    limits: { readonly atMost: number | null; readonly dryRun: boolean },
    signal: AbortSignal,
  ): Promise<{ readonly found: number; readonly removed: number } | null> {
    return this.#ask(() => this.#queues.purge(queue, limits, signal));
  }

  /** Confirmed by the broker, which gives back what no queue has taken. */
  override enqueue(queue: string, task: OutgoingTask, signal: AbortSignal): Promise<boolean> {
    return this.#ask(async () => {
      const channel = this.#commands;
      if (channel === null) throw new Error('not connected');
      this.#published += 1;
      return within(PUBLISH_MS, 'publishing', enqueued(channel, queue, task), signal);
    });
  }

  /** `basic.get` and a requeue would mark every message as redelivered, and some would lose their place. */
  override readonly reader = null;

  override positionTaken(): void {
    this.#kept?.positionTaken();
  }

  /** A worker's own control queue goes when its connection does. */
  override provedGone(
    silent: readonly string[],
    _alive: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    return this.#ask(async () => {
      const gone: string[] = [];
      for (const name of silent) {
        const look = await this.#queues.look(`${name}.${this.#names.controlExchange}.pidbox`, signal);
        if (look === 'missing' || (look !== 'locked' && look.consumerCount === 0)) gone.push(name);
      }
      return gone;
    });
  }

  async #connected(connection: ChannelModel): Promise<void> {
    await this.#declareExchanges(connection);
    const listening = await this.#channel(connection.createChannel(), connection);
    await this.#hearAnswers(listening);
    if (this.#kept === null) await this.#hearEvents(listening);
    else await this.#hearKept(this.#kept, connection);
    this.#commands = await this.#channel(connection.createConfirmChannel(), connection);
    this.#queues.connected(connection);
    const from = this.#deafSince;
    this.#deafSince = null;
    this.#hearing = true;
    this.#state.connect();
    this.#listener?.listening(from);
  }

  /** Exactly as workers declare them: other flags would be refused to whoever comes second. One that exists otherwise is used as it is. */
  async #declareExchanges(connection: ChannelModel): Promise<void> {
    const { eventExchange, controlExchange } = this.#names;
    const declare = async (work: (channel: Channel) => Promise<unknown>): Promise<void> => {
      const channel = await connection.createChannel();
      channel.on('error', () => undefined); // told by the rejection
      try {
        await work(channel);
        await channel.close();
      } catch (error) {
        if (!/PRECONDITION_FAILED/.test(String(error))) throw error;
      }
    };
    await declare((channel) => channel.assertExchange(eventExchange, 'topic', { durable: true, autoDelete: false }));
    await declare((channel) =>
      channel.assertExchange(`${controlExchange}.pidbox`, 'fanout', { durable: false, autoDelete: false }),
    );
  }

  async #hearEvents(channel: Channel): Promise<void> {
    const { queue } = await channel.assertQueue('', {
      exclusive: true,
      autoDelete: true,
      durable: false,
      messageTtl: EVENTS_TTL_MS,
      maxLength: MAX_WAITING_EVENTS,
      arguments: { 'x-max-length-bytes': MAX_WAITING_BYTES, 'x-overflow': 'drop-head' },
    });
    await channel.bindQueue(queue, this.#names.eventExchange, '#');
    await channel.consume(queue, (message) => this.#heard(message), { noAck: true });
  }

  /** On a channel of its own: only there messages wait to be acknowledged. */
  async #hearKept(kept: KeptEvents, connection: ChannelModel): Promise<void> {
    const channel = await this.#channel(connection.createChannel(), connection);
    await kept.connected(channel, this.#names.eventExchange, (message) => this.#heard(message));
  }

  async #hearAnswers(channel: Channel): Promise<void> {
    await channel.assertQueue(this.#replyQueue, {
      exclusive: true,
      autoDelete: true,
      durable: false,
      messageTtl: CONTROL_TTL_MS,
    });
    await channel.consume(
      this.#replyQueue,
      (message) => {
        const ticket = textIn(message?.properties.headers?.ticket);
        if (message !== null && ticket !== null) this.#listener?.answer(ticket, bodyOf(message));
      },
      { noAck: true },
    );
  }

  #heard(message: ConsumeMessage | null): void {
    // The broker has cancelled the consumer: our queue is gone, and only a new connection brings another.
    if (message === null) {
      this.#link.drop();
      return;
    }
    const listener = this.#listener;
    if (listener === null) return;
    listener.event(bodyOf(message));
    this.#last = message;
    if (this.#flushing) return;
    // The client hands out everything that came by one read before any microtask runs: this is the end of the batch.
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      listener.eventsRead();
      if (this.#last !== null) this.#kept?.counted(this.#last);
      this.#last = null;
    });
  }

  /** A channel whose failure is the connection's: there is nothing this side of a reconnect that would mend it. */
  async #channel<T extends Channel>(opening: Promise<T>, connection: ChannelModel): Promise<T> {
    const channel = await opening;
    let problem: unknown = null;
    channel.on('error', (error: Error) => {
      problem = error;
    });
    channel.on('close', () => {
      if (problem === null) return;
      this.#state.disconnect(amqpSentence(problem));
      connection.close().catch(() => undefined); // told by its own 'close'
    });
    return channel;
  }

  #disconnected(problem: string): void {
    this.#commands = null;
    this.#last = null;
    this.#kept?.disconnected();
    if (this.#hearing) this.#deafSince = this.#link.lastAnswerAt ?? this.#clock.now();
    this.#hearing = false;
    this.#state.disconnect(problem);
  }

  async #ask<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw new SourceUnavailable(amqpSentence(error), {}, { cause: error });
    }
  }
}
