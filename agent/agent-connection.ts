import type { Cluster, Redis } from 'ioredis';
import type { RedisSource } from './redis-location.js';
import { connectionTo, databaseOf } from './redis-location.js';

/**
 * One of the agent's own connections. It opens and reopens itself in the background, holds no command while it is down, and never keeps
 * the process alive: a worker whose queues are closed may end without waiting for it.
 */
export class AgentConnection {
  readonly redis: Redis | Cluster;
  readonly #log: (message: string) => void;
  readonly #name: string;
  #up = false;
  #reported = false;
  #closed = false;
  #problem: string | null = null;

  constructor(source: RedisSource, name: string, log: (message: string) => void, onReady: () => void) {
    this.#name = name;
    this.#log = log;
    this.redis = connectionTo(source, `taskscope-agent:${name}`);
    this.redis.on('error', (error: Error) => {
      this.#problem = error.message || error.name;
    });
    this.redis.on('connect', () => this.#detach());
    this.redis.on('ready', () => {
      // Closed while it was still connecting: ioredis lets it come up once more before it ends.
      if (this.#closed) return;
      this.#up = true;
      if (this.#reported) this.#log(`${this.#name} connection to Redis is back`);
      this.#reported = false;
      this.#problem = null;
      onReady();
    });
    this.redis.on('close', () => {
      this.#up = false;
      // Once per outage, and not when the agent itself hung up.
      if (this.#reported || this.#closed) return;
      this.#reported = true;
      this.#log(
        `${this.#name} connection to Redis is down (${this.#problem ?? 'closed by the server'}); tasks go on, facts are kept`,
      );
    });
  }

  get up(): boolean {
    return this.#up;
  }

  get problem(): string | null {
    return this.#problem;
  }

  get database(): number {
    return databaseOf(this.redis);
  }

  open(): void {
    // A first attempt that fails is reported as an error event, and tried again.
    this.redis.connect().catch(() => undefined);
  }

  /** Waits for the connection; for ever if there never is one. */
  whenUp(): Promise<void> {
    if (this.#up) return Promise.resolve();
    return new Promise((resolve) => this.redis.once('ready', () => resolve()));
  }

  /** For a server that stopped answering without closing: a polite end would wait for its answer too. */
  hangUp(reason: Error): void {
    if ('stream' in this.redis) this.redis.stream.destroy(reason);
    else this.redis.disconnect(true);
  }

  close(): void {
    this.#closed = true;
    this.redis.disconnect();
  }

  /** The socket no longer counts when Node looks whether there is anything left to do. */
  #detach(): void {
    if ('stream' in this.redis) this.redis.stream.unref();
  }
}
