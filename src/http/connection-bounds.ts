import { Server as PlainServer, type Server } from 'node:http';
import { Server as SecureServer } from 'node:https';
import type { Socket } from 'node:net';
import { networkOf } from '../core/client-network.js';

/** Whoever sends a request drop by drop holds a connection no longer than this. Answers, streams among them, may take as long as they like. */
const HEADERS_MS = 15_000;
const REQUEST_MS = 30_000;
/**
 * Nothing sent and nothing taken: a reader who does not read. Node looks whether anything was taken when this time is over, so that it may be
 * twice as long. Streams give a sign of life at least every 15 s.
 */
const STUCK_MS = 60_000;
/** Some 15 KB each, and more with TLS; descriptors are also needed for brokers and the history. */
const MAX_CONNECTIONS = 4_000;
/** From one address, so that one alone cannot take them all. A proxy comes from one, too, and needs no more. */
const MAX_PER_ADDRESS = 1_000;

/** Gives a server the bounds that keep clients who are slow, stuck or many from using it up. */
export function boundConnections(server: unknown, perAddress = MAX_PER_ADDRESS): void {
  if (!(server instanceof PlainServer || server instanceof SecureServer)) return;
  server.headersTimeout = HEADERS_MS;
  server.requestTimeout = REQUEST_MS;
  server.timeout = STUCK_MS;
  server.maxConnections = MAX_CONNECTIONS;
  boundEachAddress(server, perAddress);
}

/** A connection beyond the bound is closed before anything is read from it, or a handshake begun. */
function boundEachAddress(server: Server, bound: number): void {
  const open = new Map<string, number>();
  server.prependListener('connection', (socket: Socket) => {
    const address = networkOf(socket.remoteAddress ?? 'unknown');
    const before = open.get(address) ?? 0;
    if (before >= bound) {
      socket.destroy();
      return;
    }
    open.set(address, before + 1);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
  });
}
