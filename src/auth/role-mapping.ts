import { EVERYTHING, type Scope } from '../core/scope.js';
import type { RoleMapping, ScopeRules } from './access-rules.js';
import type { Role, Roles } from './roles.js';

/** What a provider or a proxy says about somebody. The e-mail address is null where it was not told or must not be believed. */
export interface Told {
  readonly groups: readonly string[];
  readonly email: string | null;
}

/** The first role that fits; null where none does: being known elsewhere is no right to enter here. */
export function mappedRole(
  told: Told,
  mapping: readonly RoleMapping[],
  roles: Roles,
): { readonly role: Role; readonly scope: Scope } | null {
  const found = mapping.find((entry) => fits(told, entry));
  const role = found === undefined ? null : roles.named(found.role);
  return found === undefined || role === null ? null : { role, scope: scopeOf(found) };
}

export function scopeOf(rules: ScopeRules): Scope {
  if (rules.sources === undefined && rules.queues === undefined) return EVERYTHING;
  return { sources: rules.sources ?? null, queues: rules.queues ?? null };
}

/** Whole values only: a pattern such as `example.com` would also let `me@example.com.evil.net` in. */
function fits({ groups, email }: Told, entry: RoleMapping): boolean {
  if (entry.everybody === true) return true;
  if (entry.groups?.some((group) => groups.includes(group)) === true) return true;
  if (email === null) return false;
  const address = email.toLowerCase();
  const parts = address.split('@');
  if (parts.length !== 2) return false;
  return (
    entry.emails?.some((allowed) => allowed.toLowerCase() === address) === true ||
    entry.domains?.some((domain) => domain.toLowerCase() === parts[1]) === true
  );
}
