import { Server } from 'node:http';
import { Server as SecureServer } from 'node:https';

/** Whoever sends a request drop by drop holds a connection no longer than this. Answers, streams among them, may take as long as they like. */
const HEADERS_MS = 15_000;
const REQUEST_MS = 30_000;

export function endSlowRequests(server: unknown): void {
  if (!(server instanceof Server || server instanceof SecureServer)) return;
  server.headersTimeout = HEADERS_MS;
  server.requestTimeout = REQUEST_MS;
}
