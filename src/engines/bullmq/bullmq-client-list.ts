import { namedConnections } from '../jobs/client-list.js';
import type { BullmqQueue } from './bullmq-queue.js';

/** One connection on which a worker waits for jobs. */
export interface WorkerConnection {
  readonly queue: BullmqQueue;
  /** Name the application gave to the worker; null for most. */
  readonly workerName: string | null;
  /** `ip:port`. */
  readonly address: string;
  readonly ageSeconds: number;
}

const NAMED = ':w:';

/**
 * The workers among the connections.
 *
 * Node workers call their connection `<prefix>:<base64 of the queue>`, with `:w:<name>` where they have a name; the ports to other languages
 * leave the queue's name as it is. Names are compared whole: base64 of one queue's name may begin like that of another.
 */
export function workerConnections(list: string, queues: readonly BullmqQueue[]): readonly WorkerConnection[] {
  const byName = new Map<string, BullmqQueue>();
  for (const queue of queues) {
    byName.set(queue.key, queue);
    byName.set(queue.clientName, queue);
  }
  const found: WorkerConnection[] = [];
  for (const { clientName, address, ageSeconds } of namedConnections(list)) {
    const named = clientName.indexOf(NAMED);
    const exact = byName.get(clientName);
    const queue = exact ?? (named === -1 ? undefined : byName.get(clientName.slice(0, named)));
    if (!queue) continue;
    found.push({
      queue,
      workerName: exact || named === -1 ? null : clientName.slice(named + NAMED.length) || null,
      address,
      ageSeconds,
    });
  }
  return found;
}

/** Keys of queues that connections may belong to: a worker shows its queue before the first job does. */
export function queueKeysOfClients(list: string): readonly string[] {
  const keys = new Set<string>();
  for (const { clientName } of namedConnections(list)) {
    const named = clientName.indexOf(NAMED);
    const base = named === -1 ? clientName : clientName.slice(0, named);
    const colon = base.lastIndexOf(':');
    if (colon < 1 || base.length > 512) continue;
    const [prefix, encoded] = [base.slice(0, colon), base.slice(colon + 1)];
    const name = Buffer.from(encoded, 'base64').toString();
    keys.add(Buffer.from(name).toString('base64') === encoded ? `${prefix}:${name}` : base);
  }
  return [...keys];
}
