import { PERMISSIONS, type Permission } from './permission.decorator.js';

/** PORT. Who may do what. */
export abstract class AccessPolicy {
  /** What the caller of this request may do, and why the rest is refused. */
  abstract grantsOf(request: object): Grants;
}

export interface Grants {
  readonly permissions: ReadonlySet<Permission>;
  /** One sentence told to a caller who asks for more. */
  readonly refusal: string;
}

/** Permissions that change something outside this service. */
const CHANGING: ReadonlySet<Permission> = new Set(['operate', 'administer']);

/** Without authentication there is one user, the person at this machine, who may do everything that the service may. */
export class LocalAccess extends AccessPolicy {
  readonly #grants: Grants;

  constructor(options: { readonly readOnly: boolean }) {
    super();
    this.#grants = {
      permissions: new Set(PERMISSIONS.filter((permission) => !options.readOnly || !CHANGING.has(permission))),
      refusal: options.readOnly
        ? 'this service was started read-only; it watches and changes nothing'
        : 'the caller lacks the permission',
    };
  }

  override grantsOf(): Grants {
    return this.#grants;
  }
}
