import { Server } from 'node:http';
import { Server as SecureServer } from 'node:https';

/** Whoever sends a request drop by drop holds a connection no longer than this. Answers, streams among them, may take as long as they like. */
const HEADERS_MS = 15_000;
const REQUEST_MS = 30_000;
/** Nothing sent and nothing taken: a reader who does not read. Streams give a sign of life at least every 15 s. */
const STUCK_MS = 120_000;
/** Some 40 KB each, and more with TLS. Beyond it a new connection is closed: descriptors are also needed for brokers and the history. */
const MAX_CONNECTIONS = 4_000;

/** Gives a server the bounds that keep clients who are slow, stuck or many from using it up. */
export function endSlowRequests(server: unknown): void {
  if (!(server instanceof Server || server instanceof SecureServer)) return;
  server.headersTimeout = HEADERS_MS;
  server.requestTimeout = REQUEST_MS;
  server.timeout = STUCK_MS;
  server.maxConnections = MAX_CONNECTIONS;
}
