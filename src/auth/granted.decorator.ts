import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Permission } from './permission.decorator.js';

/** Kept beside the request, not on it: nothing that parses a request can put a permission there. */
const GRANTED = new WeakMap<object, ReadonlySet<Permission>>();
const NONE: ReadonlySet<Permission> = new Set();

/** Called by the guard alone. */
export function rememberGrants(request: object, permissions: ReadonlySet<Permission>): void {
  GRANTED.set(request, permissions);
}

/** Gives a handler what its caller may do, for answers that depend on it: `@Granted() granted: ReadonlySet<Permission>`. */
export const Granted = createParamDecorator((_: unknown, context: ExecutionContext): ReadonlySet<Permission> => {
  return GRANTED.get(context.switchToHttp().getRequest<object>()) ?? NONE;
});
