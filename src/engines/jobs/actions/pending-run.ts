import type { RedisLink } from '../../redis/redis-link.js';
import { listOf, textOf } from '../../redis/redis-reply.js';

/** What a schedule runs. */
export interface PendingRun {
  readonly name: string;
  readonly data: unknown;
  readonly opts: object;
}

/** Options that make a task the run of a schedule, and of this moment; the rest is the application's wish for every run. */
const OF_THE_RUN = ['repeat', 'repeatJobKey', 'jobId', 'prevMillis', 'timestamp', 'delay', 'count', 'offset'];

/** Reads the stored task that stands for the next run, the first of `keys` that is there. null: none is, or it is not JSON. */
export async function readPendingRun(
  link: RedisLink,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<PendingRun | null> {
  const replies = await link.batch(
    keys.map((key) => ['HMGET', key, 'name', 'data', 'opts']),
    signal,
  );
  for (const reply of replies) {
    const [name, data, opts] = listOf(reply).map(textOf);
    if (name == null || data == null) continue;
    try {
      return { name, data: JSON.parse(data), opts: withoutRun(JSON.parse(opts ?? '{}')) };
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return null;
}

function withoutRun(opts: unknown): object {
  if (typeof opts !== 'object' || opts === null) return {};
  return Object.fromEntries(Object.entries(opts).filter(([name]) => !OF_THE_RUN.includes(name)));
}
