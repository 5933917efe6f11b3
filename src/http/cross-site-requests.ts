import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { problem } from './problem.js';
import { sendProblem } from './send-problem.js';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses what changes something when a browser says that another site's page sent it: a page must not revoke tasks by way of the person
 * who reads it. Programs other than browsers send neither header and pass, unless they send a cookie, which only browsers keep.
 */
export function refuseCrossSiteRequests(allowedOrigins: readonly string[]): RequestHandler {
  const allowed = new Set(allowedOrigins);
  return (request: Request, response: Response, next: NextFunction): void => {
    if (SAFE_METHODS.has(request.method) || !isCrossSite(request, allowed)) {
      next();
      return;
    }
    const detail = 'expected a request from this origin, found one sent by a page of another site';
    sendProblem(problem(403, 'cross-site-request', detail), request, response);
  };
}

function isCrossSite(request: Request, allowed: ReadonlySet<string>): boolean {
  const { origin, host, cookie } = request.headers;
  if (origin !== undefined && allowed.has(origin)) return false;
  const site = request.headers['sec-fetch-site'];
  // `same-site` is a neighbour's page, and `none` a page that nobody wrote: neither sends what changes something.
  if (site !== undefined) return site !== 'same-origin';
  if (origin === undefined) return cookie !== undefined;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}
