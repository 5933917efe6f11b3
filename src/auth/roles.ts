import { PERMISSIONS } from '../core/permissions.js';
import type { AccessRules } from './access-rules.js';
import type { Permission } from './permission.decorator.js';

/** A viewer sees what is, not what tasks carry; an operator sees that, too, and acts on tasks and queues; an admin does everything. */
const SHIPPED: Readonly<Record<string, readonly Permission[]>> = {
  viewer: ['view', 'view-metrics', 'view-docs'],
  operator: ['view', 'view-payloads', 'view-metrics', 'view-docs', 'operate', 'annotate'],
  admin: PERMISSIONS,
};

export interface Role {
  readonly name: string;
  readonly permissions: ReadonlySet<Permission>;
  readonly actions: ReadonlySet<string> | null;
}

/** The shipped roles, and those of the settings, which may replace them. */
export class Roles {
  readonly #roles: ReadonlyMap<string, Role>;

  constructor(own: AccessRules['roles'] = {}) {
    const shipped = Object.entries(SHIPPED).map(([name, permissions]) => ({ name, permissions }));
    const added = Object.entries(own).map(([name, role]) => ({ name, ...role }));
    this.#roles = new Map([...shipped, ...added].map((role) => [role.name, made(role)]));
  }

  get names(): readonly string[] {
    return [...this.#roles.keys()];
  }

  /** null where there is no role of that name. */
  named(name: string): Role | null {
    return this.#roles.get(name) ?? null;
  }
}

function made(role: {
  readonly name: string;
  readonly permissions: readonly Permission[];
  readonly actions?: readonly string[];
}): Role {
  const { name, permissions, actions } = role;
  return { name, permissions: new Set(permissions), actions: actions === undefined ? null : new Set(actions) };
}
