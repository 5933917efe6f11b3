import type { IncomingMessage, ServerResponse } from 'node:http';
import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { AccessPolicy } from './access-policy.js';
import { noteOperation } from './audit-notes.js';
import { handlerAccess } from './handler-access.js';
import { grantsFor } from './request-access.js';
import { RequestLimits } from './request-limits.js';
import { STREAM_KEY } from './stream.decorator.js';
import { StreamSlots } from './stream-slots.js';

const SIGN_IN_KEY = 'taskscope:sign-in';
const SAFE_METHODS: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Declares that a handler is a way to sign in: its callers are limited by address, and tightly. */
export const SignsIn = (): ReturnType<typeof SetMetadata> => SetMetadata(SIGN_IN_KEY, true);

/** Stands before the guard of permissions, so that refused requests count, too. Open handlers such as probes are not limited. */
@Injectable()
export class LimitGuard implements CanActivate {
  constructor(
    private readonly policy: AccessPolicy,
    private readonly limits: RequestLimits,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<IncomingMessage>();
    const { access, changing, operation } = handlerAccess(context);
    noteOperation(request, operation, changing);
    if (Reflect.getMetadata(SIGN_IN_KEY, context.getHandler()) === true) this.limits.signIn(request);
    if (access === 'public') return true;
    grantsFor(request, this.policy);
    if (changing || !SAFE_METHODS.has(request.method)) this.limits.change(request);
    else this.limits.read(request);
    return true;
  }
}

/** Stands behind the guard of permissions: who may not see a stream takes no slot. */
@Injectable()
export class StreamGuard implements CanActivate {
  constructor(
    private readonly policy: AccessPolicy,
    private readonly slots: StreamSlots,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    if (Reflect.getMetadata(STREAM_KEY, context.getHandler()) !== true) return true;
    const http = context.switchToHttp();
    const { access } = handlerAccess(context);
    const permission = access === 'public' ? null : access;
    this.slots.hold(http.getRequest<IncomingMessage>(), http.getResponse<ServerResponse>(), {
      policy: this.policy,
      permission,
    });
    return true;
  }
}
