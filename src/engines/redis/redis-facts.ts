import { type BrokerFacts, UNKNOWN_BROKER } from '../../core/broker-facts.js';
import { failureOf } from './redis-failure.js';
import type { RedisLink } from './redis-link.js';
import { numberOf, textOf } from './redis-reply.js';

/** What the access rules call it, where they deny it. */
export const FACTS_FEATURE = 'what the broker tells of itself (INFO)';

/** Services that are told by a field of their own beside the `redis_version` that they claim to speak. */
const PRODUCTS = [
  { field: 'valkey_version', product: 'Valkey' },
  { field: 'dragonfly_version', product: 'Dragonfly' },
  { field: 'redis_version', product: 'Redis' },
] as const;

/** What the server tells of itself: one INFO to each server that holds keys. null where that is denied or not known. */
export async function readRedisFacts(
  link: RedisLink,
  {
    now,
    denied,
    signal,
  }: { readonly now: number; readonly denied?: (feature: string) => void; readonly signal: AbortSignal },
): Promise<BrokerFacts | null> {
  try {
    const texts = await Promise.all(link.nodes().map(async (node) => textOf(await link.on(node, ['INFO'], signal))));
    return factsOf(
      texts.map((text) => fieldsOf(text ?? '')),
      now,
    );
  } catch (error) {
    const failure = failureOf(error);
    if (failure !== 'denied' && failure !== 'other') throw error;
    denied?.(FACTS_FEATURE);
    return null;
  }
}

type Fields = ReadonlyMap<string, string>;

/** `name:value` a line; headings begin with `#`. */
export function fieldsOf(info: string): Fields {
  const fields = new Map<string, string>();
  for (const line of info.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0 && !line.startsWith('#')) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}

/** Of several servers: sums, the oldest save, the youngest start, and the policy of the first that evicts. */
export function factsOf(servers: readonly Fields[], now: number): BrokerFacts {
  const [first] = servers;
  if (first === undefined) return { ...UNKNOWN_BROKER, at: now };
  const all = (name: string): readonly (number | null)[] => servers.map((fields) => numberOf(fields.get(name)));
  const sum = (name: string): number | null => joined(all(name), (values) => values.reduce((a, b) => a + b, 0));
  const least = (name: string): number | null => joined(all(name), (values) => Math.min(...values));
  const every = (name: string, good: string): boolean | null =>
    servers.some((fields) => !fields.has(name)) ? null : servers.every((fields) => fields.get(name) === good);
  const policies = servers.map((fields) => fields.get('maxmemory_policy') ?? null);
  const savedSeconds = least('rdb_last_save_time');
  const named = PRODUCTS.find(({ field }) => first.has(field));
  return {
    at: now,
    product: named?.product ?? null,
    version: named === undefined ? null : (first.get(named.field) ?? null),
    servers: servers.length,
    uptimeSeconds: least('uptime_in_seconds'),
    role: first.get('role') ?? null,
    replicas: sum('connected_slaves'),
    memory: {
      usedBytes: sum('used_memory'),
      peakBytes: sum('used_memory_peak'),
      // One server without a limit, and the whole has none.
      maxBytes: all('maxmemory').includes(0) ? 0 : sum('maxmemory'),
      systemBytes: servers.length === 1 ? sum('total_system_memory') : null,
      evictionPolicy: policies.find((policy) => policy !== null && policy !== 'noeviction') ?? policies[0] ?? null,
      evictedKeys: sum('evicted_keys'),
    },
    clients: {
      connected: sum('connected_clients'),
      max: sum('maxclients'),
      blocked: sum('blocked_clients'),
      rejected: sum('rejected_connections'),
    },
    commandsPerSecond: sum('instantaneous_ops_per_sec'),
    persistence: {
      appendOnly: every('aof_enabled', '1'),
      appendOnlyOk: every('aof_last_write_status', 'ok'),
      savedAt: savedSeconds === null ? null : savedSeconds * 1000,
      saveOk: every('rdb_last_bgsave_status', 'ok'),
      unsavedChanges: sum('rdb_changes_since_last_save'),
    },
    blocked: null,
  };
}

/** null where one server does not tell: a part of a sum is no sum. */
function joined(values: readonly (number | null)[], join: (known: readonly number[]) => number): number | null {
  const known = values.filter((value) => value !== null);
  return known.length < values.length ? null : join(known);
}
