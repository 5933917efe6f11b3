import { Cluster } from 'ioredis';
import type { RedisClient } from './redis-client.js';
import { failureOf } from './redis-failure.js';

export type RedisCommand = readonly [name: string, ...args: (string | number)[]];

/** Sends all in one pipeline; in a Cluster, where a pipeline must stay within one slot, auto-pipelining sorts them. */
export async function sendBatch(client: RedisClient, commands: readonly RedisCommand[]): Promise<readonly unknown[]> {
  if (client instanceof Cluster) {
    const settled = await Promise.allSettled(commands.map(([name, ...args]) => client.call(name, ...args)));
    return settled.map((result) => (result.status === 'fulfilled' ? result.value : refusal(result.reason)));
  }
  const pipeline = client.pipeline();
  for (const [name, ...args] of commands) pipeline.call(name, ...args);
  const replies = (await pipeline.exec()) ?? [];
  return replies.map(([error, value]) => (error === null ? value : refusal(error)));
}

/** Each as MULTI … EXEC; made in the same turn of the event loop, they leave in one packet. */
export function sendTransactions(
  client: RedisClient,
  groups: readonly (readonly RedisCommand[])[],
): Promise<readonly (readonly unknown[] | Error)[]> {
  return Promise.all(groups.map((commands) => sendTransaction(client, commands)));
}

async function sendTransaction(
  client: RedisClient,
  commands: readonly RedisCommand[],
): Promise<readonly unknown[] | Error> {
  const multi = client.multi();
  for (const [name, ...args] of commands) multi.call(name, ...args);
  try {
    const replies = await multi.exec();
    if (replies === null) return new Error('Redis aborted a transaction');
    return replies.find(([error]) => error !== null)?.[0] ?? replies.map(([, value]) => value);
  } catch (error) {
    return refusal(error);
  }
}

/** What Redis refuses is an answer; that it cannot be reached is not. */
function refusal(error: unknown): Error {
  if (failureOf(error) === 'unreachable') throw error;
  return error instanceof Error ? error : new Error(String(error));
}
