import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import { DomainError } from '../core/errors.js';

/** An RFC 9457 problem document. Further members say what a program needs to react. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly members: Readonly<Record<string, unknown>>;
}

/** The problem that an error is to a caller; null where it is our own fault and nothing about it may be told. */
export function problemOf(error: unknown): Problem | null {
  if (error instanceof DomainError) return problem(error.status, error.code, error.message, error.details);
  if (error instanceof HttpException) return ofHttpException(error);
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return problem(503, 'source-unavailable', 'the broker did not answer in time');
  }
  return null;
}

export function problem(
  status: number,
  code: string,
  detail: string,
  members: Readonly<Record<string, unknown>> = {},
): Problem {
  const words = code.replaceAll('-', ' ');
  return {
    type: `urn:taskscope:problem:${code}`,
    title: words.charAt(0).toUpperCase() + words.slice(1),
    status,
    detail,
    members,
  };
}

/** What the framework throws: body parser, undecodable paths, unknown routes. */
function ofHttpException(error: HttpException): Problem | null {
  const status = error.getStatus();
  if (status >= 500) return null;
  if (status === 413) return problem(413, 'body-too-large', 'expected a body of at most 256 KB, found a larger one');
  const cause: unknown = error.cause;
  if (status === 400 && cause instanceof SyntaxError) {
    return problem(400, 'malformed-body', `expected a body that is JSON: ${error.message}`);
  }
  if (status === 400 && cause instanceof URIError) {
    return problem(400, 'malformed-path', `expected a percent-encoded UTF-8 path: ${error.message}`);
  }
  const name = STATUS_CODES[status] ?? 'Error';
  return problem(status, name.toLowerCase().replaceAll(/[^a-z]+/g, '-'), error.message);
}
