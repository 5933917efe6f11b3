import type { NextFunction, Request, Response } from 'express';
import { problem } from './problem.js';
import { sendProblem } from './send-problem.js';

export const MAX_BODY_BYTES = 256 * 1024;

/** The parser would read a body that is too large to its end before it refuses it, however slowly that comes. */
export function refuseLargeBodies(request: Request, response: Response, next: NextFunction): void {
  if (!(Number(request.headers['content-length']) > MAX_BODY_BYTES)) {
    next();
    return;
  }
  response.setHeader('Connection', 'close');
  const detail = `expected a body of at most ${MAX_BODY_BYTES / 1024} KB, found a larger one`;
  sendProblem(problem(413, 'body-too-large', detail), request, response);
}

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

/** Deeper than anything that the API takes: what checks and copies a body calls itself for each level, and the stack has an end. */
const MAX_DEPTH = 32;

/** After the parser: every body that the API takes is an object, and a shallow one. */
export function refuseOddBodies(request: Request, response: Response, next: NextFunction): void {
  const body: unknown = request.body;
  if (Array.isArray(body)) {
    sendProblem(
      problem(400, 'malformed-body', 'expected a body that is a JSON object, found a list'),
      request,
      response,
    );
    return;
  }
  if (!isDeeper(body)) {
    next();
    return;
  }
  const detail = `expected a body of at most ${MAX_DEPTH} levels, found a deeper one`;
  sendProblem(problem(400, 'body-too-deep', detail), request, response);
}

/** Level by level, without calling itself. */
function isDeeper(body: unknown): boolean {
  let level: readonly unknown[] = [body];
  for (let depth = 0; depth <= MAX_DEPTH; depth += 1) {
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
    if (level.length === 0) return false;
  }
  return true;
}
