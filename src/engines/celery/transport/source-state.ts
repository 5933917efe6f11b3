import type { Clock } from '../../../core/clock.js';
import type { SourceConnection, SourceStatus } from '../../../core/source.js';

/** The status of a source, told to its listener whenever the connection or the problem changes. */
export class SourceState {
  readonly #clock: Clock;
  #connection: SourceConnection = 'connecting';
  #since: number;
  #problem: string | null = null;
  #tell: (status: SourceStatus) => void = () => undefined;
  #lastAnswerAt: () => number | null;

  constructor(clock: Clock, lastAnswerAt: () => number | null) {
    this.#clock = clock;
    this.#since = clock.now();
    this.#lastAnswerAt = lastAnswerAt;
  }

  listen(tell: (status: SourceStatus) => void): void {
    this.#tell = tell;
  }

  get connected(): boolean {
    return this.#connection === 'connected';
  }

  connect(): void {
    this.#set('connected', null);
  }

  disconnect(problem: string): void {
    this.#set('disconnected', problem);
  }

  current(): SourceStatus {
    return {
      connection: this.#connection,
      since: this.#since,
      lastAnswerAt: this.#lastAnswerAt(),
      problem: this.#problem,
    };
  }

  #set(connection: SourceConnection, problem: string | null): void {
    if (connection === this.#connection && problem === this.#problem) return;
    if (connection !== this.#connection) this.#since = this.#clock.now();
    this.#connection = connection;
    this.#problem = problem;
    this.#tell(this.current());
  }
}
