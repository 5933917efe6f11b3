import type { IncomingMessage } from 'node:http';
import type { AccessPolicy, Grants } from './access-policy.js';

/** Kept beside the request, not on it: nothing that parses a request can put a permission there. */
const GRANTS = new WeakMap<IncomingMessage, Grants>();

/** What the caller of a request may do; the policy is asked once per request. */
export function grantsFor(request: IncomingMessage, policy: AccessPolicy): Grants {
  const known = GRANTS.get(request) ?? policy.grantsOf(request);
  GRANTS.set(request, known);
  return known;
}

/** What was found out earlier about the caller of this request; null where nobody asked. */
export function knownGrants(request: IncomingMessage): Grants | null {
  return GRANTS.get(request) ?? null;
}
