import type { Worker } from '../../core/worker.js';
import { withoutAgents } from '../jobs/agent-connections.js';
import type { AgentRoster } from '../jobs/agent-roster.js';
import type { NamedConnection } from '../jobs/client-list.js';
import type { AgentExpected } from '../jobs/outcome-delivery.js';
import { clientNameOf } from './bull-client-list.js';
import type { BullQueue } from './bull-queue.js';
import type { WorkerNames } from './worker-names.js';

/**
 * Who works on which queue: agents by their own account, other workers by the connection on which they wait for jobs, named
 * `<queue>@<ip>:<port>`. Which connection holds which lock token Redis does not tell; where a queue has one ordinary worker it must be that
 * one, and otherwise the holder is named by the beginning of its token, `<queue>#<token>`: the same worker has the same name.
 */
export class BullWorkerBook implements WorkerNames {
  readonly #roster: AgentRoster;
  readonly #source: string;
  readonly #only = new Map<BullQueue, string>();

  constructor(source: string, roster: AgentRoster) {
    this.#source = source;
    this.#roster = roster;
  }

  nameOf(queue: BullQueue, token: string): string | null {
    if (token === '') return null;
    return this.#roster.workerOf(token) ?? this.#only.get(queue) ?? `${queue.label}#${token.slice(0, 8)}`;
  }

  agentOf(token: string): string | null | undefined {
    return this.#roster.agentOf(token);
  }

  /** `token` null: its start was not heard, so any agent may have run it. */
  expected(token: string | null): AgentExpected | null {
    return this.#roster.expected(token);
  }

  /** Every worker there is; of a queue's connections those of its agents are left out. */
  workers(
    queues: readonly BullQueue[],
    byName: ReadonlyMap<string, readonly NamedConnection[]>,
    at: number,
  ): readonly Worker[] {
    const found: Worker[] = [...this.#roster.workers()];
    for (const queue of queues) {
      const connections = byName.get(clientNameOf(queue.prefix, queue.name)) ?? [];
      const agents = this.#roster.serving(queue.prefix, queue.name);
      const plain = agents.length === 0 ? connections : withoutAgents(connections, agents, at);
      const [only] = plain;
      if (only && plain.length === 1 && agents.length === 0) this.#only.set(queue, nameOfConnection(queue, only));
      else this.#only.delete(queue);
      for (const connection of plain) found.push(this.#worker(queue, connection, at));
    }
    return found;
  }

  forget(queue: BullQueue): void {
    this.#only.delete(queue);
  }

  #worker(queue: BullQueue, connection: NamedConnection, at: number): Worker {
    return {
      source: this.#source,
      engine: 'bull',
      name: nameOfConnection(queue, connection),
      status: 'online',
      host: connection.address.replace(/:\d+$/, '') || null,
      pid: null,
      software: null,
      startedAt: at - connection.ageSeconds * 1000,
      lastSeenAt: at,
      queues: [queue.label],
      poolSize: null,
      busy: null,
      prefetchCount: 0,
      autoscale: null,
      eventsEnabled: null,
      processed: null,
      resources: null,
      agent: false,
    };
  }
}

function nameOfConnection(queue: BullQueue, { address }: NamedConnection): string {
  return `${queue.label}@${address}`;
}
