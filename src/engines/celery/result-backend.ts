import type { Clock } from '../../core/clock.js';
import { SourceUnavailable } from '../../core/errors.js';
import type { BrokerCost } from '../../core/queue-engine.js';
import type { Redactor } from '../../core/redaction.js';
import { withDeadline } from '../redis/deadline.js';
import { sentenceOf } from '../redis/redis-failure.js';
import { RedisLink } from '../redis/redis-link.js';
import { RedisMeter } from '../redis/redis-meter.js';
import { countOf, textOf } from '../redis/redis-reply.js';
import type { RedisSettings } from '../redis/redis-settings.js';
import { jsonMember } from './json-member.js';
import { type ResultRow, readResultRow } from './result-row.js';

/** Told for every question to the backend, with how long it took. */
export type LatencyListener = (operation: string, milliseconds: number) => void;

export interface ResultBackendOptions {
  readonly settings: RedisSettings;
  /** `global_keyprefix` of the backend's transport options; Celery adds an underscore unless it ends in punctuation. */
  readonly prefix: string;
  readonly clock: Clock;
  readonly redact: Redactor;
  readonly latency: LatencyListener;
}

export type StoredResult =
  | { readonly kind: 'row'; readonly row: ResultRow }
  /** Stored, but as a pickle, in a format of its own, or too large to be read. */
  | { readonly kind: 'opaque'; readonly bytes: number };

/** What a task was sent with, as JSON texts. */
export interface StoredArguments {
  readonly args: string;
  readonly kwargs: string;
}

/** Whoever asks before the first connection waits for it so long. */
const CONNECT_MS = 1_000;
/** A larger result is shown by its size alone. */
const MAX_RESULT_BYTES = 4 * 1024 * 1024;

/** Where results are read. Errors of every asking method: SourceUnavailable. */
export interface ResultBackend {
  /** null: nothing is stored. */
  find(id: string, signal: AbortSignal): Promise<StoredResult | null>;
  /** Exactly as they are stored, secrets included: to be sent on, never to be shown. null: not stored, as without `result_extended`. */
  argumentsOf(id: string, signal: AbortSignal): Promise<StoredArguments | null>;
  cost(): BrokerCost;
  stop(): Promise<void>;
}

/** Celery's results in Redis: one string per task. */
export class RedisResultBackend implements ResultBackend {
  readonly #link: RedisLink;
  readonly #prefix: string;
  readonly #clock: Clock;
  readonly #redact: Redactor;
  readonly #latency: LatencyListener;
  readonly #meter = new RedisMeter();
  readonly #firstUp: Promise<void>;
  #connected: () => void = () => undefined;

  constructor(options: ResultBackendOptions) {
    this.#prefix = keyPrefixOf(options.prefix);
    this.#clock = options.clock;
    this.#redact = options.redact;
    this.#latency = options.latency;
    this.#firstUp = new Promise((resolve) => {
      // A turn later the link is up.
      this.#connected = () => void setImmediate(resolve);
    });
    this.#link = new RedisLink({
      settings: options.settings,
      clock: options.clock,
      meter: this.#meter,
      name: 'taskscope:celery:results',
      onUp: () => this.#connected(),
      // The broker's state is the source's; a backend that is away is told by whoever asks for a result.
      onDown: () => undefined,
    });
    this.#link.open();
  }

  cost(): BrokerCost {
    return this.#meter.cost();
  }

  stop(): Promise<void> {
    return this.#link.close();
  }

  /** One round trip, never more than four megabytes. null: nothing is stored. Throws SourceUnavailable. */
  async find(id: string, signal: AbortSignal): Promise<StoredResult | null> {
    const { bytes, text } = await this.#read(id, signal);
    if (bytes === 0) return null;
    const row = text === null ? null : readResultRow(text, id, this.#redact);
    return row === null ? { kind: 'opaque', bytes } : { kind: 'row', row };
  }

  async argumentsOf(id: string, signal: AbortSignal): Promise<StoredArguments | null> {
    const { text } = await this.#read(id, signal);
    if (text === null || readResultRow(text, id, this.#redact) === null) return null;
    const [args, kwargs] = [jsonMember(text, 'args'), jsonMember(text, 'kwargs')];
    return args?.startsWith('[') && kwargs?.startsWith('{') ? { args, kwargs } : null;
  }

  /** `text` is null where there is nothing, or too much of it. */
  async #read(id: string, signal: AbortSignal): Promise<{ readonly bytes: number; readonly text: string | null }> {
    const key = `${this.#prefix}celery-task-meta-${id}`;
    let replies: readonly unknown[];
    try {
      if (!this.#link.up) await withDeadline(this.#firstUp, CONNECT_MS, signal);
      const began = this.#clock.monotonic();
      replies = await this.#link.batch(
        [
          ['STRLEN', key],
          ['GETRANGE', key, '0', String(MAX_RESULT_BYTES - 1)],
        ],
        signal,
      );
      this.#latency('get', this.#clock.monotonic() - began);
    } catch (error) {
      throw new SourceUnavailable(`the result backend does not answer: ${sentenceOf(error)}`, {}, { cause: error });
    }
    const bytes = countOf(replies[0]);
    return { bytes, text: bytes === 0 || bytes > MAX_RESULT_BYTES ? null : textOf(replies[1]) };
  }
}

function keyPrefixOf(prefix: string): string {
  return prefix === '' || /[_:.-]$/.test(prefix) ? prefix : `${prefix}_`;
}
