import type { Clock } from '../../core/clock.js';
import type { BrokerCost } from '../../core/queue-engine.js';
import type { Redactor } from '../../core/redaction.js';
import type { CeleryBroker } from './celery-settings.js';
import { DatabaseResults } from './database-results.js';
import type { LearnedResults } from './learned-results.js';
import { PostgresTaskMeta } from './postgres-task-meta.js';
import {
  type LatencyListener,
  RedisResultBackend,
  type ResultBackend,
  type StoredArguments,
  type StoredResult,
} from './result-backend.js';
import type { ResultStore } from './result-store.js';
import { SqliteTaskMeta } from './sqlite-task-meta.js';

export interface KnownResultsOptions {
  readonly broker: CeleryBroker;
  /** As configured; null: on the broker's server, where a worker says so. */
  readonly store: ResultStore | null;
  readonly prefix: string;
  readonly clock: Clock;
  readonly redact: Redactor;
  readonly latency: LatencyListener;
}

/** Where the results are, once that is known: by the configuration, or by a worker's. */
export class KnownResults {
  readonly #options: KnownResultsOptions;
  #backend: ResultBackend | null = null;

  constructor(options: KnownResultsOptions) {
    this.#options = options;
  }

  get known(): boolean {
    return this.#backend !== null || this.#options.store !== null;
  }

  start(): void {
    const { store, prefix } = this.#options;
    if (store !== null) this.#open(store, prefix);
  }

  async stop(): Promise<void> {
    await this.#backend?.stop();
  }

  /** Only a database of the broker's own server is taken from a worker's word: its credentials are ours already. */
  learn(learned: LearnedResults | null): void {
    const { broker } = this.#options;
    if (learned === null || this.#backend !== null || broker.kind !== 'redis') return;
    this.#open({ kind: 'redis', settings: { ...broker.settings, database: learned.database } }, learned.prefix);
  }

  async find(id: string, signal: AbortSignal): Promise<StoredResult | null> {
    return this.#backend === null ? null : this.#backend.find(id, signal);
  }

  async argumentsOf(id: string, signal: AbortSignal): Promise<StoredArguments | null> {
    return this.#backend === null ? null : this.#backend.argumentsOf(id, signal);
  }

  /** Of the broker and the backend together. */
  addCost(broker: BrokerCost): BrokerCost {
    const results = this.#backend?.cost();
    return {
      connections: broker.connections + (results?.connections ?? 0),
      commands: broker.commands + (results?.commands ?? 0),
      bytesRead: broker.bytesRead + (results?.bytesRead ?? 0),
      reconnects: broker.reconnects + (results?.reconnects ?? 0),
    };
  }

  #open(store: ResultStore, prefix: string): void {
    const { clock, redact, latency } = this.#options;
    if (store.kind === 'redis') {
      this.#backend = new RedisResultBackend({ settings: store.settings, prefix, clock, redact, latency });
    } else {
      const reader = store.kind === 'postgres' ? new PostgresTaskMeta(store.url) : new SqliteTaskMeta(store.file);
      this.#backend = new DatabaseResults({ reader, clock, redact, latency });
    }
  }
}
