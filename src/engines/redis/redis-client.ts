import { readFileSync } from 'node:fs';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { RedisSettings, RedisTls } from './redis-settings.js';

export type RedisClient = Redis | Cluster;

export interface ClientBehaviour {
  /** Milliseconds to wait before the next attempt. */
  readonly retryDelay: () => number;
}

/** A dead socket is destroyed this long after we gave it up, not after the operating system has. */
export const DISCONNECT_MS = 400;
const CONNECT_MS = 5_000;

/**
 * Makes an ioredis client that fails fast: no offline queue, no resending, no hidden resubscription, so that its owner knows exactly what
 * was lost. Nothing is connected yet. Throws where a TLS file cannot be read.
 */
export function createRedisClient(settings: RedisSettings, behaviour: ClientBehaviour): RedisClient {
  const { topology } = settings;
  const tls = settings.tls ? tlsOptions(settings.tls) : undefined;
  const common: RedisOptions = {
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    disconnectTimeout: DISCONNECT_MS,
    keepAlive: 10_000,
    enableOfflineQueue: false,
    // INFO may be denied; the link's own PING tells LOADING just as well.
    enableReadyCheck: false,
    // Nothing is sent before we send it, a name included: should the connection be lost meanwhile, ioredis 5.11 declares itself ready without
    // one, and stays so.
    disableClientInfo: true,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    db: settings.database,
    retryStrategy: behaviour.retryDelay,
    // After a failover the old address may be a replica: only a new connection finds the new master.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    ...(settings.username === null ? {} : { username: settings.username }),
    ...(settings.password === null ? {} : { password: settings.password }),
    ...(tls === undefined ? {} : { tls }),
  };
  switch (topology.kind) {
    case 'single':
      return new Redis({ ...common, host: topology.host, port: topology.port });
    case 'socket':
      return new Redis({ ...common, path: topology.path });
    case 'sentinel':
      return new Redis({
        ...common,
        sentinels: [...topology.sentinels],
        name: topology.master,
        sentinelRetryStrategy: behaviour.retryDelay,
        // Listens for +switch-master, so that a failover is noticed before a command fails.
        failoverDetector: true,
        ...(topology.sentinelUsername === null ? {} : { sentinelUsername: topology.sentinelUsername }),
        ...(topology.sentinelPassword === null ? {} : { sentinelPassword: topology.sentinelPassword }),
        ...(tls === undefined ? {} : { sentinelTLS: tls, enableTLSForSentinelMode: true }),
      });
    case 'cluster':
      return new Cluster([...topology.nodes], {
        lazyConnect: true,
        enableOfflineQueue: false,
        enableReadyCheck: false,
        // Only auto-pipelining sorts commands by slot; explicit pipelines must stay within one.
        enableAutoPipelining: true,
        clusterRetryStrategy: behaviour.retryDelay,
        slotsRefreshTimeout: CONNECT_MS,
        redisOptions: common,
      });
    default: {
      const never: never = topology;
      return never;
    }
  }
}

function tlsOptions(tls: RedisTls): NonNullable<RedisOptions['tls']> {
  return {
    rejectUnauthorized: tls.verify,
    ...(tls.caFile === null ? {} : { ca: readFileSync(tls.caFile) }),
    ...(tls.certFile === null ? {} : { cert: readFileSync(tls.certFile) }),
    ...(tls.keyFile === null ? {} : { key: readFileSync(tls.keyFile) }),
    ...(tls.serverName === null ? {} : { servername: tls.serverName }),
  };
}
