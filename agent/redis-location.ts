import type { Cluster, RedisOptions } from 'ioredis';
import { Redis } from 'ioredis';

export type QueueConnection = Redis | Cluster;

/** Where the agent finds its Redis: a URL, ioredis options, or the connection of a queue to take them from. */
export type RedisSource = string | RedisOptions | { readonly like: QueueConnection };

/**
 * What both of the agent's connections have in common. A command is never kept for later and never sent twice by ioredis: the agent
 * knows better what to send again. A server that has vanished without a word is noticed within the two time-outs.
 */
const DISCIPLINE = {
  lazyConnect: true,
  keyPrefix: '',
  enableOfflineQueue: false,
  enableReadyCheck: true,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  connectTimeout: 5_000,
  commandTimeout: 4_000,
  // Of no use here: the timer of one socket outlives it and cuts the next one (ioredis 5.11). See AgentConnection.hangUp.
  socketTimeout: undefined,
  retryStrategy: (times: number) => Math.min(2_000, 50 * 2 ** Math.min(times, 6)) * (0.75 + Math.random() / 2),
  /** A primary that was demoted: connect again, to the new one. */
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
} satisfies RedisOptions;

/** A connection that has not been opened yet. */
export function connectionTo(source: RedisSource, connectionName: string): QueueConnection {
  const options = { ...DISCIPLINE, connectionName };
  if (typeof source === 'string') return new Redis(source, options);
  if (!isQueueConnection(source)) return new Redis({ ...source, ...options });
  const { like } = source;
  if (isCluster(like)) {
    const { lazyConnect, enableOfflineQueue, enableReadyCheck, ...redisOptions } = options;
    return like.duplicate([], {
      lazyConnect,
      enableOfflineQueue,
      enableReadyCheck,
      redisOptions: { ...like.options.redisOptions, ...redisOptions },
    });
  }
  // The application may run another version of ioredis; its options are the same.
  return new Redis({ ...like.options, ...options });
}

/**
 * The connection that a BullMQ worker was given: an ioredis instance, or the options of one, which are then put into an instance that is
 * never opened. null for anything else, such as another client's instance.
 */
export function connectionOf(given: unknown): QueueConnection | null {
  if (isIoredis(given)) return given;
  if (!isOptions(given)) return null;
  const { url, ...rest } = given;
  // BullMQ's own defaults.
  const options = { host: '127.0.0.1', port: 6379, ...rest, lazyConnect: true };
  return typeof url === 'string' ? new Redis(url, { ...rest, lazyConnect: true }) : new Redis(options);
}

/** Tells one Redis from another, so that one agent serves all the queues in it. Holds no secrets. */
export function locationOf(connection: QueueConnection): string {
  if (isCluster(connection))
    return `cluster of ${connection
      .nodes('all')
      .map((node) => `${node.options.host}:${node.options.port}`)
      .sort()
      .join()}`;
  const { host, port, path, db, sentinels, name } = connection.options;
  if (sentinels) return `${name} by sentinels, database ${db ?? 0}`;
  return `${path ?? `${host}:${port}`}, database ${db ?? 0}`;
}

/** Publish/subscribe channels are common to all databases, so their names carry the number. */
export function databaseOf(connection: QueueConnection): number {
  return isCluster(connection) ? 0 : (connection.options.db ?? 0);
}

function isIoredis(given: unknown): given is QueueConnection {
  return (
    typeof given === 'object' &&
    given !== null &&
    typeof Reflect.get(given, 'isCluster') === 'boolean' &&
    typeof Reflect.get(given, 'options') === 'object' &&
    ['connect', 'duplicate', 'sendCommand'].every((method) => typeof Reflect.get(given, method) === 'function')
  );
}

/** What BullMQ hands to ioredis as it is, save for the URL. */
function isOptions(given: unknown): given is RedisOptions & { readonly url?: unknown } {
  return typeof given === 'object' && given !== null && typeof Reflect.get(given, 'connect') !== 'function';
}

function isQueueConnection(
  source: RedisOptions | { readonly like: QueueConnection },
): source is { readonly like: QueueConnection } {
  return 'like' in source;
}

function isCluster(connection: QueueConnection): connection is Cluster {
  return connection.isCluster;
}
