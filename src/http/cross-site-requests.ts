import type { NextFunction, Request, Response } from 'express';
import { problem } from './problem.js';
import { sendProblem } from './send-problem.js';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses what changes something when a browser says that another site's page sent it: a page must not revoke tasks by way of the person
 * who reads it. Programs other than browsers send neither header and pass.
 */
export function refuseCrossSiteRequests(request: Request, response: Response, next: NextFunction): void {
  if (SAFE_METHODS.has(request.method) || !isCrossSite(request)) {
    next();
    return;
  }
  const detail = 'expected a request from this origin, found one sent by a page of another site';
  sendProblem(problem(403, 'cross-site-request', detail), request, response);
}

function isCrossSite(request: Request): boolean {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const { origin, host } = request.headers;
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}
