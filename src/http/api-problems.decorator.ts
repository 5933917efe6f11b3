import { applyDecorators } from '@nestjs/common';
import { ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { ProblemDto } from './problem.dto.js';

const MEANINGS = {
  400: 'A parameter is malformed; `errors` names each field, what was expected and what was found',
  401: 'Nobody has signed in, or the token is not good',
  403: 'The caller may not do this, or the service is read-only',
  404: 'Nothing has this id or name, or there is no such source',
  409: 'The id or name means several things (`candidates` lists them), or this engine cannot do this',
  413: 'The body is larger than 256 KB',
  415: 'The body is not JSON',
  421: 'The Host header names another host',
  429: 'Too many requests; Retry-After says when to come back',
  500: 'An unexpected error; `error_id` is its id in the log',
  503: 'The broker that was asked does not answer',
} as const;

type Status = keyof typeof MEANINGS;

/** Documents the errors of an operation, each a problem document. Every operation that needs a permission also has 401, 403, 421, 429 and 500. */
export function ApiProblems(...statuses: readonly Status[]): MethodDecorator & ClassDecorator {
  return documented([...statuses, 401, 403, 421, 429, 500]);
}

/** The same for operations that are open to everybody. */
export function ApiPublicProblems(...statuses: readonly Status[]): MethodDecorator & ClassDecorator {
  return documented([...statuses, 421, 500]);
}

/** What may be too large may also be something else than JSON. */
function withBody(statuses: readonly Status[]): readonly Status[] {
  return statuses.includes(413) ? [...statuses, 415] : statuses;
}

function documented(statuses: readonly Status[]): MethodDecorator & ClassDecorator {
  return applyDecorators(
    ...[...new Set(withBody(statuses))].map((status) =>
      ApiResponse({
        status,
        description: MEANINGS[status],
        content: { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemDto) } } },
      }),
    ),
  );
}
