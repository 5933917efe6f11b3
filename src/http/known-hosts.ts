import { isIP } from 'node:net';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { problem } from './problem.js';
import { sendProblem } from './send-problem.js';

/**
 * Refuses requests for a host that is not ours. A page of any site can have its own name resolve to 127.0.0.1 and then read our answers as
 * its own (DNS rebinding); its name still stands in the Host header. Addresses, localhost and names without a dot cannot be such names.
 */
export function refuseForeignHosts(hosts: readonly string[]): RequestHandler {
  const known = new Set(hosts.map((host) => host.toLowerCase()));
  return (request: Request, response: Response, next: NextFunction): void => {
    const { host } = request.headers;
    if (isAmbiguous(request)) {
      const expected = 'expected one Host, and a path as the target, found another host beside it';
      sendProblem(problem(400, 'ambiguous-host', expected), request, response);
      return;
    }
    if (known.has('*') || isOurs(host, known)) {
      next();
      return;
    }
    const found = host === undefined ? 'none' : JSON.stringify(host.slice(0, 100));
    const detail = `expected a Host that is an address, localhost, or one that the setting http.hosts names, found ${found}`;
    sendProblem(problem(421, 'unknown-host', detail), request, response);
  };
}

/** Two hosts: a proxy in front may have looked at the other one. */
function isAmbiguous({ rawHeaders, originalUrl }: Request): boolean {
  const hosts = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host');
  return hosts.length > 1 || /^[a-z][a-z0-9+.-]*:/i.test(originalUrl);
}

function isOurs(host: string | undefined, known: ReadonlySet<string>): boolean {
  if (host === undefined) return false;
  const name = host.replace(/:\d{1,5}$/, '').toLowerCase();
  if (/^\[[0-9a-f:.]+\]$/.test(name)) return isIP(name.slice(1, -1)) === 6;
  if (!/^[a-z0-9_.-]{1,253}$/.test(name)) return false;
  if (isIP(name) === 4 || known.has(name)) return true;
  return !name.includes('.') || name.endsWith('.localhost');
}
