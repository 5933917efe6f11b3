import { Cluster } from 'ioredis';
import type { RedisClient } from './redis-client.js';

/** The open sockets behind a client: one, or in a Cluster one per node in use. ioredis does not type them. */
export function openSockets(client: RedisClient): readonly unknown[] {
  const clients = client instanceof Cluster ? client.nodes('all') : [client];
  return clients.flatMap((one) => {
    const stream: unknown = one.status === 'ready' || one.status === 'connect' ? Reflect.get(one, 'stream') : null;
    return stream ? [stream] : [];
  });
}

/** Bytes that came through the sockets open now. */
export function bytesReadBy(client: RedisClient): number {
  let bytes = 0;
  for (const socket of openSockets(client)) {
    const read: unknown = typeof socket === 'object' && socket !== null ? Reflect.get(socket, 'bytesRead') : 0;
    if (typeof read === 'number') bytes += read;
  }
  return bytes;
}
