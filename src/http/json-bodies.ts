import type { NextFunction, Request, Response } from 'express';
import { problem } from './problem.js';
import { sendProblem } from './send-problem.js';

/** A body that changes something is JSON and says so: the other types are those that a form of any site can send. */
export function refuseOtherBodies(request: Request, response: Response, next: NextFunction): void {
  const { 'content-length': length, 'transfer-encoding': transfer, 'content-type': type } = request.headers;
  const hasBody = transfer !== undefined || (length !== undefined && Number(length) !== 0);
  const safe = request.method === 'GET' || request.method === 'HEAD' || request.method === 'OPTIONS';
  if (safe || !hasBody || /^application\/json\s*(;|$)/i.test(type ?? '')) {
    next();
    return;
  }
  const detail = `expected a body of Content-Type application/json, found ${JSON.stringify((type ?? 'none').slice(0, 100))}`;
  sendProblem(problem(415, 'unsupported-media-type', detail), request, response);
}
