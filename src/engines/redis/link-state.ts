import type { Clock } from '../../core/clock.js';
import type { Source, SourceConnection, SourceStatus } from '../../core/source.js';

/** What is known of the way to a source, told once per change; whoever is told writes the line. */
export class LinkState {
  readonly #source: Source;
  readonly #clock: Clock;
  readonly #log: (level: 'info' | 'warn', message: string) => void;
  readonly #denied = new Set<string>();
  #connection: SourceConnection = 'connecting';
  #since: number;
  #problem: string | null = null;
  #tell: (() => void) | null = null;

  constructor(source: Source, clock: Clock, log: (level: 'info' | 'warn', message: string) => void) {
    this.#source = source;
    this.#clock = clock;
    this.#log = log;
    this.#since = clock.now();
  }

  open(tell: () => void): void {
    this.#tell = tell;
  }

  close(): void {
    this.#tell = null;
  }

  status(lastAnswerAt: number | null): SourceStatus {
    return {
      connection: this.#connection,
      since: this.#since,
      lastAnswerAt,
      problem: this.#connection === 'connected' ? null : this.#problem,
      ...(this.#denied.size === 0 ? {} : { denied: [...this.#denied] }),
    };
  }

  connected(): void {
    if (this.#connection === 'connected') return;
    this.#problem = null;
    this.#change('connected');
  }

  /** Every failing attempt says why; only a new reason is news. */
  lost(problem: string): void {
    if (this.#connection === 'disconnected' && this.#problem === problem) return;
    this.#problem = problem;
    this.#change('disconnected');
  }

  /** The broker's access rules deny what a feature needs. Told once: asking again would only be noise to the broker. */
  deny(feature: string): void {
    if (this.#denied.has(feature)) return;
    this.#denied.add(feature);
    this.#log('warn', `${this.#source.name}: the access rules of Redis deny ${feature}; all else goes on`);
    this.#tell?.();
  }

  #change(connection: SourceConnection): void {
    if (this.#connection !== connection) this.#since = this.#clock.now();
    this.#connection = connection;
    this.#tell?.();
  }
}
