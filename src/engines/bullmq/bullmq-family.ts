import type { RedisLink } from '../redis/redis-link.js';
import { listOf, textOf, textsOf } from '../redis/redis-reply.js';
import type { BullmqQueueRegistry } from './bullmq-queue-registry.js';

/** A job's place in its flow, as full task ids. Flows cross queues, and prefixes. */
export interface TaskFamily {
  readonly parentId: string | null;
  readonly rootId: string | null;
  readonly childIds: readonly string[];
}

const MAX_CHILDREN = 1_000;
const MAX_DEPTH = 20;
const MAX_KEY = 1_024;

/**
 * Reads who is above and below a job: one round trip for its children, and one per generation above it. Children are kept in four places, by
 * what became of them; each is read for one step of at most some thousand members.
 */
export async function readFamily(
  link: RedisLink,
  registry: BullmqQueueRegistry,
  jobKey: string,
  signal: AbortSignal,
): Promise<TaskFamily> {
  const [parent, waiting, processed, ignored, unsuccessful] = await link.batch(
    [
      ['HGET', jobKey, 'parentKey'],
      ['SSCAN', `${jobKey}:dependencies`, 0, 'COUNT', MAX_CHILDREN],
      ['HSCAN', `${jobKey}:processed`, 0, 'COUNT', MAX_CHILDREN],
      ['HSCAN', `${jobKey}:failed`, 0, 'COUNT', MAX_CHILDREN],
      ['ZRANGE', `${jobKey}:unsuccessful`, 0, MAX_CHILDREN - 1],
    ],
    signal,
  );
  const children = [
    ...textsOf(listOf(waiting)[1]),
    ...fieldsOf(listOf(processed)[1]),
    ...fieldsOf(listOf(ignored)[1]),
    ...textsOf(unsuccessful),
  ];
  const childIds = [...new Set(children)].slice(0, MAX_CHILDREN).map((key) => idOf(registry, key));
  const parentKey = textOf(parent) || null;
  if (parentKey === null) return { parentId: null, rootId: null, childIds };

  let rootKey = parentKey;
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    const [above] = await link.batch([['HGET', rootKey, 'parentKey']], signal);
    const next = textOf(above);
    if (next === null || next === '' || next.length > MAX_KEY) break;
    rootKey = next;
  }
  return { parentId: idOf(registry, parentKey), rootId: idOf(registry, rootKey), childIds };
}

/** A queue that has not been found yet is called by its key. */
function idOf(registry: BullmqQueueRegistry, jobKey: string): string {
  return registry.taskIdOfKey(jobKey) ?? jobKey;
}

function fieldsOf(flat: unknown): readonly string[] {
  return textsOf(flat).filter((_, nth) => nth % 2 === 0);
}
