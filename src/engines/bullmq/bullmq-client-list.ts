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
 * The workers among the connections, out of CLIENT LIST: one line each, `key=value` apart by blanks.
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
  for (const line of list.split('\n')) {
    const clientName = field(line, ' name=');
    if (!clientName.includes(':')) continue;
    const named = clientName.indexOf(NAMED);
    const exact = byName.get(clientName);
    const queue = exact ?? (named === -1 ? undefined : byName.get(clientName.slice(0, named)));
    if (!queue) continue;
    found.push({
      queue,
      workerName: exact || named === -1 ? null : clientName.slice(named + NAMED.length) || null,
      address: field(line, ' addr='),
      ageSeconds: Number(field(line, ' age=')) || 0,
    });
  }
  return found;
}

/** Keys of queues that connections may belong to: a worker shows its queue before the first job does. */
export function queueKeysOfClients(list: string): readonly string[] {
  const keys = new Set<string>();
  for (const line of list.split('\n')) {
    const clientName = field(line, ' name=');
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

function field(line: string, name: string): string {
  const at = line.indexOf(name);
  if (at === -1) return '';
  const from = at + name.length;
  const end = line.indexOf(' ', from);
  return end === -1 ? line.slice(from) : line.slice(from, end);
}
