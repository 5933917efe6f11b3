import type { IncomingMessage } from 'node:http';
import { plainAddress } from './address-list.js';

/** Where a request comes from: behind configured proxies the address that they tell (Express' `ip`), else the connection's own peer. */
export function clientAddress(request: IncomingMessage): string {
  const told = 'ip' in request && typeof request.ip === 'string' ? request.ip : request.socket.remoteAddress;
  return plainAddress(told ?? 'unknown');
}
