/** One connection on which a Bull worker waits for jobs. */
export interface WorkerConnection {
  /** `<prefix>:<base64 of the queue's name>`, as Bull names it. */
  readonly clientName: string;
  /** `ip:port`. */
  readonly address: string;
  readonly ageSeconds: number;
}

/** The connections that Bull has named, out of CLIENT LIST: one line each, `key=value` apart by blanks. */
export function workerConnections(list: string): readonly WorkerConnection[] {
  const found: WorkerConnection[] = [];
  for (const line of list.split('\n')) {
    const clientName = field(line, ' name=');
    if (clientName === '' || !clientName.includes(':')) continue;
    found.push({ clientName, address: field(line, ' addr='), ageSeconds: Number(field(line, ' age=')) || 0 });
  }
  return found;
}

/**
 * The name Bull gives to a worker's connection. To be compared whole: Bull itself asks only how a name begins, and so takes the workers of
 * `abcdef` for those of `abc`, whose base64 begins alike.
 */
export function clientNameOf(prefix: string, queue: string): string {
  return `${prefix}:${Buffer.from(queue).toString('base64')}`;
}

function field(line: string, name: string): string {
  const at = line.indexOf(name);
  if (at === -1) return '';
  const from = at + name.length;
  const end = line.indexOf(' ', from);
  return end === -1 ? line.slice(from) : line.slice(from, end);
}
