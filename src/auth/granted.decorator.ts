import type { IncomingMessage } from 'node:http';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Permission } from './permission.decorator.js';
import type { Principal } from './principal.js';
import { knownGrants } from './request-access.js';

const NONE: ReadonlySet<Permission> = new Set();

/** Gives a handler what its caller may do, for answers that depend on it: `@Granted() granted: ReadonlySet<Permission>`. */
export const Granted = createParamDecorator((_: unknown, context: ExecutionContext): ReadonlySet<Permission> => {
  return knownGrants(context.switchToHttp().getRequest<IncomingMessage>())?.permissions ?? NONE;
});

/** Gives a handler who calls: `@Caller() caller: Principal | null`. null is nobody, or somebody whom the policy does not name. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Principal | null => {
  return knownGrants(context.switchToHttp().getRequest<IncomingMessage>())?.principal ?? null;
});
