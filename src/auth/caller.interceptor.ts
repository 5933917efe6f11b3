import type { IncomingMessage } from 'node:http';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { type Observable, tap } from 'rxjs';
import { EVERYTHING, withinScope } from '../core/scope.js';
import { noteAnswer, noteHandling } from './audit-notes.js';
import { knownGrants } from './request-access.js';

/** Runs every handler within its caller's scope, and notes what changes have answered. */
@Injectable()
export class CallerInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<IncomingMessage>();
    const scope = knownGrants(request)?.principal?.scope ?? EVERYTHING;
    // Nest binds the handler to the context in which `handle` is called.
    const answer = withinScope(scope, () => next.handle());
    if (request.method === 'GET' || request.method === 'HEAD') return answer;
    const over = noteHandling(request);
    const note = (value: unknown): void => noteAnswer(request, value);
    const fail = (error: unknown): void => {
      note(error);
      over(error);
    };
    return answer.pipe(tap({ next: note, error: fail, complete: () => over() }));
  }
}
