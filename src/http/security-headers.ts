import type { NextFunction, Request, RequestHandler, Response } from 'express';
import helmet from 'helmet';

/** Headers by which browsers guard what we send. Strict for every answer; pages bring a policy of their own. */
export function securityHeaders(): RequestHandler {
  const set = helmet({
    contentSecurityPolicy: false,
    // Behind plain HTTP browsers ignore it; behind TLS it keeps them there.
    strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: false },
    referrerPolicy: { policy: 'no-referrer' },
    frameguard: { action: 'deny' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
  });
  const policy = policyText([]);
  return (request: Request, response: Response, next: NextFunction): void => {
    response.setHeader('Content-Security-Policy', policy);
    response.setHeader('Permissions-Policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()');
    response.setHeader('Cache-Control', 'no-store');
    set(request, response, next);
  };
}

/** Allows style elements of a page by the hashes of what they say, for pages that somebody else writes. */
export function allowStyles(response: Response, hashes: readonly string[]): void {
  response.setHeader('Content-Security-Policy', policyText(hashes));
}

function policyText(styles: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    ["style-src 'self'", ...styles].join(' '),
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
