import type { BrokerFacts } from '../../../core/broker-facts.js';
import type { BrokerCost } from '../../../core/queue-engine.js';
import type { SourceStatus } from '../../../core/source.js';
import type { Refused } from '../refusal.js';

/** A question or command to workers, as kombu's pidbox writes it. */
export interface ControlRequest {
  readonly method: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Exact worker names; null asks every worker there is. */
  readonly destination: readonly string[] | null;
  /** Comes back with every answer; null where no answer is wanted. */
  readonly ticket: string | null;
}

/** What waits in one queue of the broker. null: this broker, or this queue, does not tell. */
export interface QueueDepth {
  readonly name: string;
  readonly length: number;
  /** By the broker's own numbering; null where it has no priorities that can be told apart. */
  readonly byPriority: readonly { readonly priority: number; readonly length: number }[] | null;
  readonly unacknowledged: number | null;
  readonly consumers: number | null;
}

/** A message as it lies in its queue. */
export interface QueuedMessage {
  readonly bytes: number;
  /** All of it, or its end where it is not `whole`. */
  readonly text: string;
  readonly whole: boolean;
  /** The step that it lies in. */
  readonly priority: number | null;
}

/** A task on its way into a queue: headers and JSON body of protocol 2. */
export interface OutgoingTask {
  readonly id: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** Looking at messages without taking them; a broker that would have to take them and put them back has none of it. */
export interface QueueReader {
  /** Messages in the order in which they will be taken, from the place `offset`. */
  first(
    queue: string,
    limit: number,
    signal: AbortSignal,
    offset?: number,
  ): Promise<{ readonly total: number; readonly messages: readonly QueuedMessage[] }>;
  /** Of each queue, the end of the next message of every priority step that holds any. */
  heads(queues: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, readonly string[]>>;
}

/** Called synchronously, on the event path. Must not throw. */
export interface TransportListener {
  /** The JSON of one message of the event exchange. */
  event(json: string | Refused): void;
  /** Several messages that came together have all been told. */
  eventsRead(): void;
  /** One answer of one worker, with the ticket of its question: the JSON of `{"<worker>": answer}`. */
  answer(ticket: string, json: string | Refused): void;
  /** From now on every event is heard. `from` is since when events may have been missed, epoch milliseconds; null at the first time. */
  listening(from: number | null): void;
  statusChanged(status: SourceStatus): void;
}

/**
 * SEAM. Celery's protocol is the same over every broker; what differs is how messages travel and how queues are looked at.
 * Errors of every asking method: SourceUnavailable.
 */
export abstract class CeleryTransport {
  /** Returns at once; connects and reconnects in the background. */
  abstract start(listener: TransportListener): void;
  abstract stop(): Promise<void>;
  abstract status(): SourceStatus;
  abstract cost(): BrokerCost;

  /** What the broker tells of itself; null where it may not tell us. */
  abstract broker(signal: AbortSignal): Promise<BrokerFacts | null>;

  /** How many may have heard it, at most; null where the broker does not tell. */
  abstract broadcast(request: ControlRequest, signal: AbortSignal): Promise<number | null>;

  /** Queues that the broker itself knows of; for brokers that cannot list them, none. */
  abstract knownQueues(signal: AbortSignal): Promise<readonly string[]>;

  /** A fixed number of commands per queue, whatever their length. A queue that does not exist is left out. */
  abstract depths(queues: readonly string[], signal: AbortSignal): Promise<readonly QueueDepth[]>;

  /**
   * Removes what waits in a queue, unless that is more than `atMost`, or only counts. null: there is no such queue. On Redis in one step; on
   * RabbitMQ counting and removing are two.
   */
  abstract purge(
    queue: string,
    limits: { readonly atMost: number | null; readonly dryRun: boolean },
    signal: AbortSignal,
  ): Promise<{ readonly found: number; readonly removed: number } | null>;

  /** Puts a task into a queue as the last of those of no priority. False: there is no such queue, so far as the broker can tell. */
  abstract enqueue(queue: string, task: OutgoingTask, signal: AbortSignal): Promise<boolean>;

  /** null: this broker hands out a message only by delivering it. */
  abstract readonly reader: QueueReader | null;

  /** Whoever stores what has been counted takes it now, and has stored what it took before. */
  positionTaken(): void {
    // Most brokers keep nothing for us that could be let go.
  }

  /** Which of these workers certainly no longer listen. Asked only about workers that should have been heard of. */
  abstract provedGone(
    silent: readonly string[],
    alive: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly string[]>;
}
