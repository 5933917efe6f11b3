import type { Clock } from '../core/clock.js';
import { AmbiguousName, messageOf, NotSupported } from '../core/errors.js';
import type { QueueEngine } from '../core/queue-engine.js';
import type { EngineKind, Source } from '../core/source.js';
import type { QueueInspector } from './queue-inspector.js';

/** A configured broker, and how to look at it. */
export interface WatchedBroker {
  /** URL without credentials. */
  readonly location: string;
  readonly name: string | null;
  /** Named in the configuration; null to find out. */
  readonly engine: EngineKind | null;
  /** Which engines have something there; `found` may be told of each beforehand. Throws where the broker does not answer. */
  readonly detect: (signal: AbortSignal, found: (engine: EngineKind) => void) => Promise<readonly EngineKind[]>;
  /** False where the last look had no time for all there is: the next one goes on where it ended. */
  readonly sawAll: () => boolean;
  readonly create: (source: Source) => QueueEngine;
}

export interface BrokerWatchOptions {
  readonly inspector: QueueInspector;
  readonly clock: Clock;
  /** Until something is found, and while the broker is away. */
  readonly retryMs: number;
  /** After something was found: another engine may join later. */
  readonly againMs: number;
  readonly deadlineMs: number;
  readonly log: (message: string) => void;
}

/**
 * Turns one configured broker into sources. With a named engine that is one source at once, reachable or not. Without, the broker is looked
 * at until an engine's traces are found, and again from time to time, as an application may bring a second engine to the same Redis.
 */
export class BrokerWatch {
  readonly #broker: WatchedBroker;
  readonly #options: BrokerWatchOptions;
  readonly #found = new Set<EngineKind>();
  #stopped = false;
  #detecting: AbortController | null = null;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> = Promise.resolve();
  #told: string | null = null;
  #since: number;

  constructor(broker: WatchedBroker, options: BrokerWatchOptions) {
    this.#broker = broker;
    this.#options = options;
    this.#since = options.clock.now();
  }

  start(): void {
    const { engine, name, location } = this.#broker;
    if (engine !== null) {
      this.#add({ name: name ?? defaultName(engine, location), engine, location });
      return;
    }
    this.#options.inspector.resolving(location, {
      connection: 'connecting',
      since: this.#since,
      lastAnswerAt: null,
      problem: null,
    });
    this.#look();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#detecting?.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#looking;
  }

  #look(): void {
    this.#looking = this.#detect().then((answered) => {
      if (this.#stopped) return;
      const settled = answered && this.#found.size > 0 && this.#broker.sawAll();
      const pause = settled ? this.#options.againMs : this.#options.retryMs;
      this.#timer = setTimeout(() => this.#look(), pause);
    });
  }

  /** True where the broker answered. */
  async #detect(): Promise<boolean> {
    const { location } = this.#broker;
    const { inspector, clock, deadlineMs } = this.#options;
    // Not AbortSignal.any over AbortSignal.timeout: Node.js 20 may collect the joined signal, and it then never aborts.
    const detecting = new AbortController();
    this.#detecting = detecting;
    const deadline = setTimeout(() => detecting.abort(), deadlineMs);
    try {
      const kinds = await this.#broker.detect(detecting.signal, (engine) => this.#met(engine));
      for (const engine of kinds) this.#met(engine);
      if (this.#found.size > 0) inspector.resolving(location, null);
      else {
        inspector.resolving(location, {
          connection: 'connected',
          since: this.#since,
          lastAnswerAt: clock.now(),
          problem: null,
        });
        this.#tell(
          `nothing that Celery, Bull or BullMQ leave behind is there yet; looking again every ${this.#options.retryMs} ms`,
        );
      }
      return true;
    } catch (error) {
      if (this.#stopped) return false;
      const problem = messageOf(error);
      if (this.#found.size === 0) {
        inspector.resolving(location, { connection: 'disconnected', since: this.#since, lastAnswerAt: null, problem });
        this.#tell(`cannot be reached: ${problem}; trying again every ${this.#options.retryMs} ms`);
      }
      return false;
    } finally {
      clearTimeout(deadline);
    }
  }

  #met(engine: EngineKind): void {
    if (this.#stopped || this.#found.has(engine)) return;
    const { location, name } = this.#broker;
    this.#found.add(engine);
    this.#add({ name: name === null ? defaultName(engine, location) : `${name}-${engine}`, engine, location });
    this.#options.inspector.resolving(location, null);
  }

  #add(source: Source): void {
    try {
      this.#options.inspector.add(this.#broker.create(source));
    } catch (error) {
      if (!(error instanceof NotSupported || error instanceof AmbiguousName)) throw error;
      this.#options.log(`${source.engine} lives at ${source.location} and is not watched: ${error.message}`);
      return;
    }
    this.#options.log(`watching ${source.engine} at ${source.location} as "${source.name}"`);
  }

  /** Once per change of state, not once per try. */
  #tell(what: string): void {
    if (this.#told === what) return;
    this.#told = what;
    this.#since = this.#options.clock.now();
    this.#options.log(`${this.#broker.location} ${what}`);
  }
}

/** Stays the same whatever else is watched: `bull@localhost:6379/0`. */
function defaultName(engine: EngineKind, location: string): string {
  return `${engine}@${location.replace(/^[a-z0-9+.-]+:\/\/+/i, '')}`;
}
