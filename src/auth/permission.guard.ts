import type { IncomingMessage } from 'node:http';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { NotSignedIn, PermissionDenied } from '../core/errors.js';
import { EVERYTHING, type Scope } from '../core/scope.js';
import { AccessPolicy, type Grants } from './access-policy.js';
import { noteAnswer } from './audit-notes.js';
import { type HandlerAccess, handlerAccess } from './handler-access.js';
import type { ScopeLimit } from './permission.decorator.js';
import { grantsFor } from './request-access.js';

/** Stands before every handler. Denies by default: a handler that declares nothing is closed, should the check at start ever miss it. */
@Injectable()
export class PermissionGuard implements CanActivate {
  constructor(private readonly policy: AccessPolicy) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<IncomingMessage>();
    const handler = handlerAccess(context);
    const grants = grantsFor(request, this.policy);
    if (handler.access === 'public') return true;
    try {
      allow(handler, grants);
    } catch (error) {
      noteAnswer(request, error);
      throw error;
    }
    return true;
  }
}

/** Errors: NotSignedIn where signing in may help, PermissionDenied where it does not. */
function allow(handler: HandlerAccess, grants: Grants): void {
  if (grants.invalid !== undefined) throw new NotSignedIn(grants.invalid);
  const { access } = handler;
  if (access === null || access === 'public' || !grants.permissions.has(access)) {
    const message = `expected the permission "${access ?? 'none declared'}"; ${grants.refusal}`;
    if (grants.principal === null) throw new NotSignedIn(message);
    throw new PermissionDenied(message, { permission: access });
  }
  const actions = grants.principal?.actions ?? null;
  if (handler.changing && actions !== null && !actions.has(handler.operation)) {
    throw new PermissionDenied(`expected one of the actions ${[...actions].join(', ')}, found ${handler.operation}`, {
      permission: access,
    });
  }
  const unmet = limitsOf(grants.principal?.scope ?? EVERYTHING).filter((limit) => !handler.limits.includes(limit));
  if (unmet.length > 0) {
    throw new PermissionDenied(
      `expected a caller who may see every ${unmet.join(' and ')}, because this answer cannot be limited to some`,
      { permission: access },
    );
  }
}

function limitsOf(scope: Scope): readonly ScopeLimit[] {
  const source: readonly ScopeLimit[] = scope.sources === null ? [] : ['source'];
  const queue: readonly ScopeLimit[] = scope.queues === null ? [] : ['queue'];
  return [...source, ...queue];
}
