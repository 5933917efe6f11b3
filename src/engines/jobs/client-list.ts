/** One named connection, out of CLIENT LIST. */
export interface NamedConnection {
  readonly clientName: string;
  /** `ip:port`. */
  readonly address: string;
  readonly ageSeconds: number;
}

/** The connections whose name may be a library's, `<prefix>:<queue>`: CLIENT LIST has one line each, `key=value` apart by blanks. */
export function namedConnections(list: string): readonly NamedConnection[] {
  const found: NamedConnection[] = [];
  for (const line of list.split('\n')) {
    const clientName = field(line, ' name=');
    if (!clientName.includes(':')) continue;
    found.push({ clientName, address: field(line, ' addr='), ageSeconds: Number(field(line, ' age=')) || 0 });
  }
  return found;
}

function field(line: string, name: string): string {
  const at = line.indexOf(name);
  if (at === -1) return '';
  const from = at + name.length;
  const end = line.indexOf(' ', from);
  return end === -1 ? line.slice(from) : line.slice(from, end);
}
