import type { IncomingMessage } from 'node:http';
import type { Permission } from './permission.decorator.js';
import type { Principal } from './principal.js';

/** PORT. Who may do what. */
export abstract class AccessPolicy {
  /** What the caller of this request may do, and why the rest is refused. */
  abstract grantsOf(request: IncomingMessage): Grants;
}

export interface Grants {
  readonly permissions: ReadonlySet<Permission>;
  /** One sentence told to a caller who asks for more. */
  readonly refusal: string;
  /** null: nobody has signed in, so that more is answered by 401. Absent: somebody whom the policy does not name. */
  readonly principal?: Principal | null;
  /** Why a credential that was shown is not good; such a request is refused even where nobody needs one. */
  readonly invalid?: string;
}
