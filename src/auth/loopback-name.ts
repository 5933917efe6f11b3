import { isIP } from 'node:net';
import { isLoopbackAddress } from './address-list.js';

/** Whether a Host header names this machine: localhost, names below it, and loopback addresses, with or without a port. */
export function isLoopbackName(host: string): boolean {
  const name = host
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
  if (name === 'localhost' || name.endsWith('.localhost')) return true;
  return isIP(name) !== 0 && isLoopbackAddress(name);
}
