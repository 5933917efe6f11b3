import type { Clock } from '../../core/clock.js';
import type { BrokerCost } from '../../core/queue-engine.js';
import type { Redactor } from '../../core/redaction.js';
import type { RedisSettings } from '../redis/redis-settings.js';
import type { CeleryBroker } from './celery-settings.js';
import type { LearnedResults } from './learned-results.js';
import { type LatencyListener, RedisResultBackend, type StoredArguments, type StoredResult } from './result-backend.js';

export interface KnownResultsOptions {
  readonly broker: CeleryBroker;
  /** As configured; null: on the broker's server, where a worker says so. */
  readonly settings: RedisSettings | null;
  readonly prefix: string;
  readonly clock: Clock;
  readonly redact: Redactor;
  readonly latency: LatencyListener;
}

/** Where the results are, once that is known: by the configuration, or by a worker's. */
export class KnownResults {
  readonly #options: KnownResultsOptions;
  #backend: RedisResultBackend | null = null;

  constructor(options: KnownResultsOptions) {
    this.#options = options;
  }

  get known(): boolean {
    return this.#backend !== null || this.#options.settings !== null;
  }

  start(): void {
    const { settings, prefix } = this.#options;
    if (settings !== null) this.#open(settings, prefix);
  }

  async stop(): Promise<void> {
    await this.#backend?.stop();
  }

  /** Only a database of the broker's own server is taken from a worker's word: its credentials are ours already. */
  learn(learned: LearnedResults | null): void {
    const { broker } = this.#options;
    if (learned === null || this.#backend !== null || broker.kind !== 'redis') return;
    this.#open({ ...broker.settings, database: learned.database }, learned.prefix);
  }

  async find(id: string, signal: AbortSignal): Promise<StoredResult | null> {
    return this.#backend === null ? null : this.#backend.find(id, signal);
  }

  async argumentsOf(id: string, signal: AbortSignal): Promise<StoredArguments | null> {
    return this.#backend === null ? null : this.#backend.argumentsOf(id, signal);
  }

  /** Of the broker and the backend together. */
  addCost(broker: BrokerCost): BrokerCost {
    const results = this.#backend?.meter.cost();
    return {
      connections: broker.connections + (results?.connections ?? 0),
      commands: broker.commands + (results?.commands ?? 0),
      bytesRead: broker.bytesRead + (results?.bytesRead ?? 0),
      reconnects: broker.reconnects + (results?.reconnects ?? 0),
    };
  }

  #open(settings: RedisSettings, prefix: string): void {
    const { clock, redact, latency } = this.#options;
    this.#backend = new RedisResultBackend({ settings, prefix, clock, redact, latency });
  }
}
