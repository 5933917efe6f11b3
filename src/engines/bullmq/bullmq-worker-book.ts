import type { Worker } from '../../core/worker.js';
import { withoutAgents } from '../jobs/agent-connections.js';
import { AGENT_PATIENCE_MS, type AgentRoster, STRANGER_AMONG_AGENTS_MS } from '../jobs/agent-roster.js';
import type { JobQueue } from '../jobs/job-queue.js';
import type { AgentExpected } from '../jobs/outcome-delivery.js';
import type { WorkerConnection } from './bullmq-client-list.js';
import type { BullmqQueue } from './bullmq-queue.js';

/**
 * Who works on which queue: agents by their own account, others by the connections on which workers wait for jobs. A worker with a name is
 * called by it; others are `<queue>@<ip>:<port>`. Which of these holds which lock Redis does not tell; where a queue has one worker it must be that one, and otherwise
 * the holder is named by the beginning of its id, `<queue>#<id>`: the same worker has the same name.
 */
export class BullmqWorkerBook {
  readonly #source: string;
  readonly #only = new Map<BullmqQueue, string>();
  readonly #several = new Set<BullmqQueue>();
  /** Queues on which workers without an agent wait. */
  readonly #plain = new Set<JobQueue>();
  readonly #roster: AgentRoster;

  constructor(source: string, roster: AgentRoster) {
    this.#source = source;
    this.#roster = roster;
  }

  /** `stored`: the name that a named worker leaves in its jobs. `token`: `<worker id>:<number>`, as in the lock. */
  nameOf(queue: BullmqQueue, stored: string | null, token: string | null): string | null {
    const id = workerIdOf(token);
    const agent = this.#roster.workerOf(id);
    if (agent !== null) return agent;
    if (stored !== null && stored !== '') return stored;
    const only = this.#only.get(queue);
    if (only !== undefined) return only;
    return id === '' ? null : `${queue.label}#${id.slice(0, 8)}`;
  }

  /** The lock has to be asked who runs a task of this queue. */
  isShared(queue: BullmqQueue): boolean {
    return this.#several.has(queue);
  }

  /** Whether an agent will tell how a job of this queue ended. A new one, not reported yet, tells what is known already by then. */
  expected(queue: JobQueue, token: string | null): AgentExpected | null {
    const agents = this.#roster.serving(queue.prefix, queue.name);
    const [only] = agents;
    if (!only) return null;
    if (token !== null) return this.#roster.expected(workerIdOf(token));
    // Who ran it is not known: one of the agents, or, where others wait too, perhaps none.
    if (this.#plain.has(queue)) return { agentId: null, patienceMs: STRANGER_AMONG_AGENTS_MS };
    return { agentId: agents.length === 1 ? only.id : null, patienceMs: AGENT_PATIENCE_MS };
  }

  /** Every worker there is; of a queue's connections those of its agents are left out. */
  workers(connections: readonly WorkerConnection[], at: number): readonly Worker[] {
    const byQueue = new Map<BullmqQueue, WorkerConnection[]>();
    for (const connection of connections) {
      const same = byQueue.get(connection.queue);
      if (same) same.push(connection);
      else byQueue.set(connection.queue, [connection]);
    }
    this.#only.clear();
    this.#several.clear();
    this.#plain.clear();
    const byName = new Map<string, Worker>();
    for (const [queue, its] of byQueue) {
      const agents = this.#roster.serving(queue.prefix, queue.name);
      const plain = withoutAgents(its, agents, at);
      if (plain.length > 0) this.#plain.add(queue);
      const [first] = plain;
      const [agent] = agents;
      if (its.length > 1) this.#several.add(queue);
      else if (agent) this.#only.set(queue, agent.worker);
      else if (first) this.#only.set(queue, nameOfConnection(first));
      for (const connection of plain) {
        const worker = this.#worker(connection, at);
        const known = byName.get(worker.name);
        byName.set(worker.name, known ? merge(known, worker) : worker);
      }
    }
    return [...this.#roster.workers(), ...byName.values()];
  }

  #worker(connection: WorkerConnection, at: number): Worker {
    return {
      source: this.#source,
      engine: 'bullmq',
      name: nameOfConnection(connection),
      status: 'online',
      host: connection.address.replace(/:\d+$/, '') || null,
      pid: null,
      software: null,
      startedAt: at - connection.ageSeconds * 1000,
      lastSeenAt: at,
      queues: [connection.queue.label],
      poolSize: null,
      busy: null,
      // Workers take a job only when they can run it.
      prefetchCount: 0,
      autoscale: null,
      eventsEnabled: null,
      processed: null,
      resources: null,
      agent: false,
    };
  }
}

/** A lock's token is `<worker id>:<number>`. */
function workerIdOf(token: string | null): string {
  return token?.split(':', 1)[0] ?? '';
}

function nameOfConnection({ queue, workerName, address }: WorkerConnection): string {
  return workerName ?? `${queue.label}@${address}`;
}

/** Several connections under one name are one worker: on several queues, or several processes that were given the same name. */
function merge(a: Worker, b: Worker): Worker {
  return {
    ...a,
    startedAt: Math.min(a.startedAt ?? Number.POSITIVE_INFINITY, b.startedAt ?? Number.POSITIVE_INFINITY),
    queues: [...new Set([...(a.queues ?? []), ...(b.queues ?? [])])],
  };
}
