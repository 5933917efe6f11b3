import type { IncomingMessage } from 'node:http';
import type { Request, Response } from 'express';
import { isLoopbackName } from './loopback-name.js';

/** `__Host-`: set by this very host, over a secure connection, for every path; no subdomain and no plain connection can set or change it. */
const SECURE_NAME = '__Host-taskscope';
/** Only where `--insecure` allows plain connections from elsewhere. */
const PLAIN_NAME = 'taskscope';

const SESSION_ID = /^[A-Za-z0-9_-]{43}$/;

/** Whether a browser would keep a `__Host-` cookie of this answer: over TLS, and from this machine, which browsers trust without it. */
export function isSecure(request: IncomingMessage): boolean {
  return ('secure' in request && request.secure === true) || isLoopbackName(request.headers.host ?? '');
}

/** Only of the cookie that this connection would be given: the plain one may have been set by a neighbour, to have people work under its name. */
export function sessionIdOf(request: IncomingMessage): string | null {
  const value = cookieOf(request.headers.cookie, isSecure(request) ? SECURE_NAME : PLAIN_NAME);
  return value !== null && SESSION_ID.test(value) ? value : null;
}

/** The cookie ends with the browser; the session itself ends on the server. */
export function setSessionCookie(request: Request, response: Response, id: string): void {
  const secure = isSecure(request);
  response.append('Set-Cookie', cookie(secure ? SECURE_NAME : PLAIN_NAME, id, { secure, sameSite: 'Strict' }));
}

export function clearSessionCookie(request: Request, response: Response): void {
  const secure = isSecure(request);
  const name = secure ? SECURE_NAME : PLAIN_NAME;
  response.append('Set-Cookie', `${cookie(name, '', { secure, sameSite: 'Strict' })}; Max-Age=0`);
}

export function cookie(
  name: string,
  value: string,
  options: { readonly secure: boolean; readonly sameSite: 'Strict' | 'Lax' },
): string {
  return `${name}=${value}; Path=/; HttpOnly; SameSite=${options.sameSite}${options.secure ? '; Secure' : ''}`;
}

/** The value of a cookie; null where it was not sent, or was sent twice, which only somebody does who wants to confuse. */
export function cookieOf(header: string | undefined, name: string): string | null {
  if (header === undefined || header.length > 16_384) return null;
  const found = header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return found.length === 1 ? (found[0] ?? null) : null;
}
