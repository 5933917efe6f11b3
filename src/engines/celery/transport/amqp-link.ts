import { readFileSync } from 'node:fs';
import { type ChannelModel, connect } from 'amqplib';
import type { Clock } from '../../../core/clock.js';
import { ReconnectDelay } from '../../../core/reconnect-delay.js';
import type { AmqpSettings, AmqpTls } from '../celery-settings.js';
import { amqpSentence } from './amqp-failure.js';
import { within } from './within.js';

export interface AmqpLinkOptions {
  readonly settings: AmqpSettings;
  readonly clock: Clock;
  /** Shown by the broker in its list of connections. */
  readonly name: string;
  /** Every connection made. May throw: the connection is then dropped and tried again. */
  readonly onUp: (connection: ChannelModel) => Promise<void>;
  /** The connection is gone, or an attempt failed; `problem` is one sentence without secrets. */
  readonly onDown: (problem: string) => void;
}

const CONNECT_MS = 8_000;
/**
 * While nobody listens on the port. Workers come back within seconds of a restart, and what they tell before we do is lost; a refused
 * connection costs nobody anything.
 */
const LONGEST_KNOCK_MS = 500;
/** How often it is looked at whether anything has come, heartbeats included. */
const WATCH_EVERY_MS = 500;
const CLOSE_MS = 700;
/** Of what the broker says of itself. */
const MAX_GREETING = 200;

/**
 * One connection to an AMQP broker that is kept alive: the client's own heartbeats find a silent socket, and it is replaced with a capped,
 * jittered back-off.
 */
export class AmqpLink {
  readonly #options: AmqpLinkOptions;
  #connection: ChannelModel | null = null;
  #up = false;
  #closed = false;
  readonly #delay = new ReconnectDelay();
  #ups = 0;
  #retry: NodeJS.Timeout | null = null;
  #watch: NodeJS.Timeout | null = null;
  #lastAnswerAt: number | null = null;
  #bytesClosed = 0;
  #bytesOpen = 0;
  #blocked: string | null = null;

  constructor(options: AmqpLinkOptions) {
    this.#options = options;
  }

  get up(): boolean {
    return this.#up;
  }

  get lastAnswerAt(): number | null {
    return this.#lastAnswerAt;
  }

  get bytesRead(): number {
    return this.#bytesClosed + this.#bytesOpen;
  }

  get reconnects(): number {
    return Math.max(0, this.#ups - 1);
  }

  /** By the broker's own word; null where it did not say. */
  get greeting(): { readonly product: string | null; readonly version: string | null } {
    const said: unknown = this.#connection?.connection.serverProperties;
    const text = (name: string): string | null => {
      const value: unknown = typeof said === 'object' && said !== null ? Reflect.get(said, name) : null;
      return typeof value === 'string' ? value.slice(0, MAX_GREETING) : null;
    };
    return { product: text('product'), version: text('version') };
  }

  /** Why the broker takes nothing that is published: an alarm of memory or disk. It says so once we have tried. */
  get blocked(): string | null {
    return this.#blocked;
  }

  open(): void {
    void this.#connect();
  }

  /** Drops the connection and makes a new one; for owners that noticed what heartbeats do not. */
  drop(): void {
    this.#connection?.close().catch(() => undefined); // told by 'close'
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#up = false;
    if (this.#retry !== null) clearTimeout(this.#retry);
    if (this.#watch !== null) clearInterval(this.#watch);
    const connection = this.#connection;
    this.#connection = null;
    if (connection === null) return;
    try {
      await within(CLOSE_MS, 'closing', connection.close());
    } catch {
      destroy(connection); // it answers no more: there is nobody to part from
    }
  }

  async #connect(): Promise<void> {
    let connection: ChannelModel | null = null;
    let problem: unknown = null;
    const attempt = this.#open();
    try {
      connection = await within(CONNECT_MS, 'connecting', attempt);
    } catch (error) {
      problem = error;
      // A connection that comes after all is not wanted any more.
      attempt.then(destroy, () => undefined);
    }
    if (connection === null || this.#closed) {
      if (connection !== null) destroy(connection);
      this.#failed(problem);
      return;
    }
    const made = connection;
    this.#connection = made;
    made.on('error', (error: Error) => {
      problem = error;
    });
    made.on('blocked', (reason: string) => {
      this.#blocked = reason.slice(0, MAX_GREETING);
    });
    made.on('unblocked', () => {
      this.#blocked = null;
    });
    made.on('close', (error?: Error) => this.#gone(made, problem ?? error ?? null));
    this.#keepWatching(made);
    try {
      await within(CONNECT_MS, 'declaring', this.#options.onUp(made));
    } catch (error) {
      problem = error;
      destroy(made);
      this.#gone(made, error);
      return;
    }
    if (this.#connection !== made) return;
    this.#up = true;
    this.#ups += 1;
    this.#delay.reset();
  }

  #open(): Promise<ChannelModel> {
    const { settings, name } = this.#options;
    return connect(
      {
        protocol: settings.tls === null ? 'amqp' : 'amqps',
        hostname: settings.host,
        port: settings.port,
        username: settings.username,
        password: settings.password,
        vhost: encodeURIComponent(settings.virtualHost),
        heartbeat: settings.heartbeatSeconds,
      },
      {
        timeout: CONNECT_MS,
        noDelay: true,
        clientProperties: { connection_name: name },
        ...(settings.tls === null ? {} : tlsOptions(settings.tls)),
      },
    );
  }

  #gone(connection: ChannelModel, problem: unknown): void {
    if (this.#connection !== connection) return;
    this.#connection = null;
    this.#up = false;
    this.#blocked = null;
    if (this.#watch !== null) clearInterval(this.#watch);
    this.#bytesClosed += this.#bytesOpen;
    this.#bytesOpen = 0;
    this.#failed(problem);
  }

  #failed(problem: unknown): void {
    if (this.#closed) return;
    this.#options.onDown(problem === null ? 'the broker closed the connection' : amqpSentence(problem));
    const delay = codeOf(problem) === 'ECONNREFUSED' ? this.#delay.next(LONGEST_KNOCK_MS) : this.#delay.next();
    this.#retry = setTimeout(() => void this.#connect(), delay);
  }

  #keepWatching(connection: ChannelModel): void {
    this.#lastAnswerAt = this.#options.clock.now();
    this.#watch = setInterval(() => {
      const bytes = bytesReadBy(connection);
      if (bytes !== this.#bytesOpen) this.#lastAnswerAt = this.#options.clock.now();
      this.#bytesOpen = bytes;
    }, WATCH_EVERY_MS);
  }
}

function tlsOptions(tls: AmqpTls): Record<string, unknown> {
  return {
    rejectUnauthorized: tls.verify,
    ...(tls.caFile === null ? {} : { ca: [readFileSync(tls.caFile)] }),
    ...(tls.certFile === null ? {} : { cert: readFileSync(tls.certFile) }),
    ...(tls.keyFile === null ? {} : { key: readFileSync(tls.keyFile) }),
    ...(tls.serverName === null ? {} : { servername: tls.serverName }),
  };
}

function codeOf(problem: unknown): unknown {
  return typeof problem === 'object' && problem !== null ? Reflect.get(problem, 'code') : null;
}

/** The client keeps its socket to itself; these are the only two places that reach for it. */
function socketOf(connection: ChannelModel): unknown {
  return Reflect.get(connection.connection, 'stream');
}

function bytesReadBy(connection: ChannelModel): number {
  const socket = socketOf(connection);
  const bytes: unknown = typeof socket === 'object' && socket !== null ? Reflect.get(socket, 'bytesRead') : 0;
  return typeof bytes === 'number' ? bytes : 0;
}

function destroy(connection: ChannelModel): void {
  connection.on('error', () => undefined); // given up already
  const socket = socketOf(connection);
  const end: unknown = typeof socket === 'object' && socket !== null ? Reflect.get(socket, 'destroy') : undefined;
  if (typeof end === 'function') Reflect.apply(end, socket, []);
}
