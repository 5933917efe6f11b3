import type { Request, Response } from 'express';
import type { Problem } from './problem.js';

/** Answers with a problem document. Its own five members win over further ones of the same name. */
export function sendProblem(problem: Problem, request: Request, response: Response): void {
  const { members, ...told } = problem;
  // What HTTP has headers for, clients that know nothing of problem documents understand.
  if (problem.status === 401) response.setHeader('WWW-Authenticate', 'Bearer realm="taskscope"');
  if (typeof members.retry_after_seconds === 'number') response.setHeader('Retry-After', members.retry_after_seconds);
  response
    .status(problem.status)
    .type('application/problem+json')
    .send(JSON.stringify({ ...members, ...told, instance: pathOf(request) }));
}

/** The path as it was asked: `request.path` loses what a router was mounted at. */
export function pathOf(request: Request): string {
  return request.originalUrl.split('?', 1).join('');
}
