import type { AgentEngine } from '../../../agent/protocol.js';
import type { Clock } from '../../core/clock.js';
import type { WorkerEvent } from '../../core/task-event.js';
import { failureOf } from '../redis/redis-failure.js';
import type { RedisLink } from '../redis/redis-link.js';
import type { AgentPosition } from './agent-position.js';
import { AgentRoster } from './agent-roster.js';
import { AgentStream, type AgentStreamOptions } from './agent-stream.js';

export interface AgentWatchOptions
  extends Pick<AgentStreamOptions, 'fact' | 'lost' | 'heardAll' | 'rejected' | 'flush'> {
  readonly source: string;
  readonly engine: AgentEngine;
  readonly clock: Clock;
  /** The link on which reports are read. */
  readonly commands: RedisLink;
  /** Makes the link on which facts are waited for. */
  readonly connect: (onUp: () => Promise<void>, onDown: () => void) => RedisLink;
  readonly labelOf: (prefix: string, queue: string) => string;
  readonly emit: (event: WorkerEvent) => void;
  /** This agent will tell no more. */
  readonly onGone: (agentId: string) => void;
  readonly denied: (feature: string) => void;
}

/**
 * What a source hears from agents: who they are by their reports, and what they tell in their stream, on a connection of its own. Without it
 * the source is connected all the same.
 */
export class AgentWatch {
  readonly roster: AgentRoster;
  readonly #stream: AgentStream;
  readonly #link: RedisLink;
  readonly #denied: (feature: string) => void;

  constructor(options: AgentWatchOptions) {
    const { source, engine, clock, commands, labelOf, emit, onGone, denied } = options;
    this.#denied = denied;
    this.roster = new AgentRoster({ source, engine, clock, link: commands, labelOf, emit, onGone });
    this.#link = options.connect(
      async () => void setImmediate(() => this.#readFacts()),
      () => this.#stream.stop(),
    );
    const { fact, lost, heardAll, rejected, flush } = options;
    this.#stream = new AgentStream({
      engine,
      link: this.#link,
      roster: this.roster,
      fact,
      lost,
      heardAll,
      rejected,
      flush,
      denied: () => denied('facts told by agents (XREAD, XRANGE, XREVRANGE)'),
    });
  }

  open(): void {
    this.#link.open();
  }

  /** To be called whenever the link for commands is up. */
  resume(): void {
    this.roster.resume().then(
      () => this.#readFacts(),
      (error: unknown) => {
        if (failureOf(error) === 'denied') this.#denied('agents (ZREVRANGE, GET)');
      },
    );
  }

  position(): AgentPosition {
    return this.#stream.position();
  }

  /** Before `open`. */
  continue(position: AgentPosition): void {
    this.#stream.continue(position);
  }

  /** Resolves when everything that agents had written has been read once; soon also where it cannot be. */
  readOnce(): Promise<void> {
    return this.#stream.readOnce();
  }

  /** Resolves when all has been taken that agents have to tell of this moment. */
  caughtUp(): Promise<void> {
    return this.#stream.caughtUp();
  }

  async stop(): Promise<void> {
    this.roster.stop();
    this.#stream.stop();
    await this.#link.close();
  }

  /** Once the reports have been read, as they say where each agent stood, and the link is up; whichever comes last. */
  #readFacts(): void {
    if (this.roster.known && this.#link.up && !this.#stream.running) this.#stream.resume();
  }
}
