import type { BrokerFacts } from './broker-facts.js';
import type { EngineKind } from './source.js';

/** From here on there is little left to grow into. */
const FULL = 0.9;

/** What somebody should mend before it costs tasks, each in one sentence; [] where nothing is known to be wrong. */
export function brokerWarnings(engine: EngineKind, facts: BrokerFacts): readonly string[] {
  const { memory, clients, persistence } = facts;
  const warnings: string[] = [];
  if (facts.blocked !== null) warnings.push(`The broker takes no messages: ${facts.blocked}.`);
  const eviction = evictionWarning(engine, memory);
  if (eviction !== null) warnings.push(eviction);
  if (memory.evictedKeys !== null && memory.evictedKeys > 0)
    warnings.push(`Redis has thrown away ${memory.evictedKeys} keys for lack of memory since it started.`);
  if (isFull(memory.usedBytes, memory.maxBytes))
    warnings.push('Redis has used more than nine tenths of the memory that it may use.');
  if (isFull(clients.connected, clients.max))
    warnings.push('Redis has more than nine tenths of the connections that it accepts.');
  if (persistence.saveOk === false) warnings.push('Redis could not save its data to disk the last time it tried.');
  if (persistence.appendOnly === true && persistence.appendOnlyOk === false)
    warnings.push('Redis could not write to its append-only file the last time it tried.');
  return warnings;
}

/** Keys without an end of their own are in danger under `allkeys-*`, those with one under `volatile-*`, too. */
function evictionWarning(engine: EngineKind, { evictionPolicy, maxBytes }: BrokerFacts['memory']): string | null {
  if (evictionPolicy === null || evictionPolicy === 'noeviction') return null;
  const when = maxBytes === 0 ? 'As soon as Redis has a memory limit' : 'When its memory is full';
  const kept = evictionPolicy.startsWith('volatile-');
  const what = kept ? lostOfVolatile(engine) : 'tasks that wait or run are lost without a trace';
  return `${when}, the eviction policy ${evictionPolicy} throws keys away: ${what}. Set maxmemory-policy to noeviction.`;
}

function lostOfVolatile(engine: EngineKind): string {
  return engine === 'celery'
    ? 'results vanish before their time'
    : 'the locks of running tasks vanish, and those tasks run twice';
}

function isFull(used: number | null, most: number | null): boolean {
  return used !== null && most !== null && most > 0 && used > most * FULL;
}
