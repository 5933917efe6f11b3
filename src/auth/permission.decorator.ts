import { type CustomDecorator, SetMetadata } from '@nestjs/common';

/**
 * view: names, states, numbers. view-payloads: what tasks carry (arguments, results, tracebacks). operate: act on tasks and queues.
 * administer: act on workers, users and the service itself.
 */
export const PERMISSIONS = ['view', 'view-payloads', 'operate', 'administer'] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** What a handler may declare: a permission, or that it is open to everybody. */
export type Access = Permission | 'public';

export const ACCESS_KEY = 'taskscope:access';

/** Declares what a caller must be allowed to do. On a handler, or on a controller for all its handlers. */
export const Permission = (permission: Permission): CustomDecorator => SetMetadata(ACCESS_KEY, permission);

/** Declares that a handler is open to everybody: probes, which must answer before anybody can sign in. */
export const Public = (): CustomDecorator => SetMetadata(ACCESS_KEY, 'public' satisfies Access);
