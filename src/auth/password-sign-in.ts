import type { AccessRules, UserRules } from './access-rules.js';
import { type Derive, PasswordChecker } from './password.js';
import type { Principal } from './principal.js';
import { scopeOf } from './role-mapping.js';
import { Roles } from './roles.js';

/** Users of the settings, by name and password. */
export class PasswordSignIn {
  readonly #users: ReadonlyMap<string, UserRules>;
  readonly #roles: Roles;
  readonly #checker: PasswordChecker;

  constructor(rules: Pick<AccessRules, 'users' | 'roles'>, derive?: Derive) {
    this.#users = new Map(rules.users.map((user) => [user.name, user]));
    this.#checker = new PasswordChecker(rules.users[0]?.passwordHash, derive);
    this.#roles = new Roles(rules.roles);
  }

  get possible(): boolean {
    return this.#users.size > 0;
  }

  /** null where name and password do not belong together; takes as long for a name that nobody has. Errors: TooManyRequests. */
  async principal(name: string, password: string): Promise<Principal | null> {
    const user = this.#users.get(name) ?? null;
    const right = await this.#checker.matches(password, user?.passwordHash ?? null);
    const role = user === null ? null : this.#roles.named(user.role);
    if (!right || user === null || role === null) return null;
    const { permissions, actions } = role;
    return { kind: 'user', id: name, name, role: role.name, permissions, actions, scope: scopeOf(user) };
  }
}
