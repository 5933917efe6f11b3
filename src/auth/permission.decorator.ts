import { type CustomDecorator, SetMetadata } from '@nestjs/common';
import type { PermissionName } from '../core/permissions.js';

export type Permission = PermissionName;

/** What a handler may declare: a permission, or that it is open to everybody. */
export type Access = Permission | 'public';

export const ACCESS_KEY = 'taskscope:access';

/** Declares what a caller must be allowed to do. On a handler, or on a controller for all its handlers. */
export const Permission = (permission: Permission): CustomDecorator => SetMetadata(ACCESS_KEY, permission);

/** Declares that a handler is open to everybody: probes, which must answer before anybody can sign in. */
export const Public = (): CustomDecorator => SetMetadata(ACCESS_KEY, 'public' satisfies Access);

const LIMITS = ['source', 'queue'] as const;
export type ScopeLimit = (typeof LIMITS)[number];

export const SCOPE_KEY = 'taskscope:scope';

/**
 * Declares which limits of a caller's scope the handler honours, because everything it tells and does comes from the inspector. A caller who
 * is limited in a way that the handler does not honour is refused.
 */
export const ScopedBy = (...limits: readonly ScopeLimit[]): CustomDecorator => SetMetadata(SCOPE_KEY, limits);
