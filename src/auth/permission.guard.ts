import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { PermissionDenied } from '../core/errors.js';
import { AccessPolicy } from './access-policy.js';
import { rememberGrants } from './granted.decorator.js';
import { ACCESS_KEY, type Access } from './permission.decorator.js';

/** Stands before every handler. Denies by default: a handler that declares nothing is closed, should the check at start ever miss it. */
@Injectable()
export class PermissionGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly policy: AccessPolicy,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS_KEY, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (access === 'public') return true;

    const request = context.switchToHttp().getRequest<object>();
    const grants = this.policy.grantsOf(request);
    if (access === undefined || !grants.permissions.has(access)) {
      throw new PermissionDenied(`expected the permission "${access ?? 'none declared'}"; ${grants.refusal}`, {
        permission: access ?? null,
      });
    }
    rememberGrants(request, grants.permissions);
    return true;
  }
}
