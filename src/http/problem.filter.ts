import { randomUUID } from 'node:crypto';
import { type ArgumentsHost, Catch, type ExceptionFilter, Logger, NotFoundException } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { AllowedMethods } from './allowed-methods.js';
import { type Problem, problem, problemOf } from './problem.js';
import { pathOf, sendProblem } from './send-problem.js';

/** Every error leaves the service here, as a problem document. What is our own fault is logged once, under an id that the caller gets. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger = new Logger('Http');
  readonly #methods: AllowedMethods;

  constructor(methods: AllowedMethods) {
    this.#methods = methods;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    if (response.headersSent) {
      this.#log(error, request, null);
      response.destroy();
      return;
    }
    const found = this.#routeProblem(error, request, response) ?? problemOf(error) ?? this.#internal(error, request);
    sendProblem(found, request, response);
  }

  /** Only the router throws a plain 404: what handlers do not find, they name. */
  #routeProblem(error: unknown, request: Request, response: Response): Problem | null {
    if (!(error instanceof NotFoundException)) return null;
    const allowed = this.#methods.of(pathOf(request));
    if (allowed.length === 0) return problem(404, 'route-not-found', `no route ${pathOf(request)}; see /docs`);
    response.setHeader('Allow', allowed.join(', '));
    return problem(405, 'method-not-allowed', `expected ${allowed.join(' or ')}, found ${request.method}`, { allowed });
  }

  #internal(error: unknown, request: Request): Problem {
    const id = randomUUID();
    this.#log(error, request, id);
    return problem(500, 'internal-error', `an unexpected error, logged under ${id}`, { error_id: id });
  }

  #log(error: unknown, request: Request, id: string | null): void {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#logger.error(
      `${request.method} ${JSON.stringify(pathOf(request))} failed${id === null ? '' : ` (${id})`}`,
      stack,
    );
  }
}
