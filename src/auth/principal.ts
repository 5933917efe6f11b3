import { CHANGING } from '../core/permissions.js';
import type { Scope } from '../core/scope.js';
import type { Permission } from './permission.decorator.js';

/** local: whoever is at this machine, where nobody has to sign in. proxy: named by a trusted proxy's header. */
export const PRINCIPAL_KINDS = ['local', 'user', 'token', 'oidc', 'proxy'] as const;
export type PrincipalKind = (typeof PRINCIPAL_KINDS)[number];

/** Somebody who asks, with what they may do. */
export interface Principal {
  readonly kind: PrincipalKind;
  /** Unique within its kind. */
  readonly id: string;
  /** For people to read. */
  readonly name: string;
  readonly role: string | null;
  readonly permissions: ReadonlySet<Permission>;
  /** Of the operations that need `operate` or `administer`, only these, by their operationId; null for all. */
  readonly actions: ReadonlySet<string> | null;
  readonly scope: Scope;
}

/** For logs, limits and the audit: `user:ada`. */
export function principalKey(principal: Principal): string {
  return `${principal.kind}:${principal.id}`;
}

/** What somebody may do in a service that may be read-only. */
export function permittedTo(principal: Principal, readOnly: boolean): ReadonlySet<Permission> {
  if (!readOnly) return principal.permissions;
  return new Set([...principal.permissions].filter((permission) => !CHANGING.has(permission)));
}
