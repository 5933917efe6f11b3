import type { Worker } from '../../core/worker.js';
import type { WorkerConnection } from './bullmq-client-list.js';
import type { BullmqQueue } from './bullmq-queue.js';

/**
 * Who works on which queue, by the connections on which workers wait for jobs. A worker with a name is called by it; others are
 * `<queue>@<ip>:<port>`. Which of these holds which lock Redis does not tell; where a queue has one worker it must be that one, and otherwise
 * the holder is named by the beginning of its id, `<queue>#<id>`: the same worker has the same name.
 */
export class BullmqWorkerBook {
  readonly #source: string;
  readonly #only = new Map<BullmqQueue, string>();
  readonly #several = new Set<BullmqQueue>();

  constructor(source: string) {
    this.#source = source;
  }

  /** `stored`: the name that a named worker leaves in its jobs. `token`: `<worker id>:<number>`, as in the lock. */
  nameOf(queue: BullmqQueue, stored: string | null, token: string | null): string | null {
    if (stored !== null && stored !== '') return stored;
    const only = this.#only.get(queue);
    if (only !== undefined) return only;
    const id = token?.split(':', 1)[0] ?? '';
    return id === '' ? null : `${queue.label}#${id.slice(0, 8)}`;
  }

  /** The lock has to be asked who runs a task of this queue. */
  isShared(queue: BullmqQueue): boolean {
    return this.#several.has(queue);
  }

  workers(connections: readonly WorkerConnection[], at: number): readonly Worker[] {
    const byQueue = new Map<BullmqQueue, WorkerConnection[]>();
    const byName = new Map<string, Worker>();
    for (const connection of connections) {
      const same = byQueue.get(connection.queue);
      if (same) same.push(connection);
      else byQueue.set(connection.queue, [connection]);
      const worker = this.#worker(connection, at);
      const known = byName.get(worker.name);
      byName.set(worker.name, known ? merge(known, worker) : worker);
    }
    this.#only.clear();
    this.#several.clear();
    for (const [queue, its] of byQueue) {
      const [first] = its;
      if (first && its.length === 1) this.#only.set(queue, nameOfConnection(first));
      else this.#several.add(queue);
    }
    return [...byName.values()];
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
      processed: null,
      resources: null,
      agent: false,
    };
  }
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
