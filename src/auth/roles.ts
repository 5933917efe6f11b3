import type { AccessRules } from './access-rules.js';
import type { Permission } from './permission.decorator.js';

/** A viewer sees what is, not what tasks carry; an operator sees that, too, and acts on tasks and queues; an admin does everything. */
export const ROLES: Readonly<Record<string, readonly Permission[]>> = {
  viewer: ['view', 'view-metrics', 'view-docs'],
  operator: ['view', 'view-payloads', 'view-metrics', 'view-docs', 'operate'],
  admin: [
    'view',
    'view-payloads',
    'view-metrics',
    'view-docs',
    'view-audit',
    'operate',
    'administer',
    'manage-access',
  ],
};

export interface Role {
  readonly name: string;
  readonly permissions: ReadonlySet<Permission>;
  readonly actions: ReadonlySet<string> | null;
}

/** The role of a name: one of your own, which may replace a shipped one, or a shipped one; null where there is none. */
export function roleNamed(name: string, own: AccessRules['roles']): Role | null {
  if (Object.hasOwn(own, name)) {
    const role = own[name];
    if (role === undefined) return null;
    return { name, permissions: new Set(role.permissions), actions: role.actions === undefined ? null : new Set(role.actions) };
  }
  const shipped = Object.hasOwn(ROLES, name) ? ROLES[name] : undefined;
  return shipped === undefined ? null : { name, permissions: new Set(shipped), actions: null };
}
