import type { Queue, QueueOptions } from 'bull';
import type { RedisClient } from '../../redis/redis-client.js';
import type { BullQueue } from '../bull-queue.js';

/**
 * Lets `work` use Bull on a queue over a connection that is open already. Opening it sends nothing: no INFO, no subscription, no name. Bull 4's
 * scripts also serve bull 3's queues, which are kept alike. Loaded when it is first needed.
 */
export async function withBull<T>(
  { prefix, name }: BullQueue,
  connection: RedisClient,
  work: (queue: Queue) => Promise<T>,
): Promise<T> {
  const { default: Bull } = await import('bull');
  // Its types do not know this option.
  const options: QueueOptions & { readonly skipVersionCheck: true } = {
    prefix,
    skipVersionCheck: true,
    createClient: (type) => {
      if (type === 'client') return connection;
      throw new Error(`expected bull to need one connection only, found that it wants a ${type}`);
    },
  };
  // Each listens for the connection's errors while it is open.
  connection.setMaxListeners(connection.getMaxListeners() + 1);
  const queue = new Bull(name, options);
  try {
    return await work(queue);
  } finally {
    await queue.close(true);
    connection.setMaxListeners(connection.getMaxListeners() - 1);
  }
}
