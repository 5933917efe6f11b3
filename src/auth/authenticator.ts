import type { IncomingMessage } from 'node:http';
import type { Clock } from '../core/clock.js';
import { PERMISSIONS } from '../core/permissions.js';
import { EVERYTHING } from '../core/scope.js';
import { AccessPolicy, type Grants } from './access-policy.js';
import type { AccessRules, OpenTo } from './access-rules.js';
import { AddressList } from './address-list.js';
import { type ApiToken, type TokenStore, tokenOf } from './api-token.js';
import { clientAddress } from './client-address.js';
import { cameByMetricsPort } from './metrics-port.js';
import type { Permission } from './permission.decorator.js';
import { type Principal, permittedTo } from './principal.js';
import { mappedRole } from './role-mapping.js';
import { Roles } from './roles.js';
import { sessionIdOf } from './session-cookie.js';
import type { SessionStore } from './session-store.js';

/** Longest credential that is looked at. */
const MAX_BEARER = 512;
const MAX_HEADER = 1024;

/** What somebody may without signing in. */
interface Opening {
  readonly permission: Permission;
  readonly to: 'open' | AddressList;
}

interface Parts {
  readonly clock: Clock;
  readonly tokens: TokenStore;
  readonly sessions: SessionStore;
}

/**
 * Finds out who asks: by bearer token, else by session, else by the header of a trusted proxy, else nobody. A credential that is shown is
 * never ignored: a bad one is refused, also where none is needed. A session that has ended is just nobody, because browsers keep cookies.
 */
export class Authenticator extends AccessPolicy {
  readonly #rules: AccessRules;
  readonly #parts: Parts;
  readonly #roles: Roles;
  readonly #proxies: AddressList | null;
  readonly #open: readonly Opening[];
  /** Instead of those, on the metrics' own port; null where that has no access of its own. */
  readonly #openOnMetricsPort: readonly Opening[] | null;

  constructor(rules: AccessRules, parts: Parts) {
    super();
    this.#rules = rules;
    this.#parts = parts;
    this.#roles = new Roles(rules.roles);
    this.#proxies = rules.proxy === null ? null : new AddressList(rules.proxy.addresses);
    this.#open = [...openTo('view-metrics', rules.metrics), ...openTo('view-docs', rules.docs)];
    this.#openOnMetricsPort = rules.metricsPort === null ? null : openTo('view-metrics', rules.metricsPort);
  }

  override grantsOf(request: IncomingMessage): Grants {
    const bearer = bearerOf(request);
    if (bearer !== null) {
      const token = tokenOf(bearer, this.#parts.tokens, this.#parts.clock.now());
      if (token !== null) return this.#granted(ofToken(token));
      return { ...this.#nobody(request), invalid: 'the token is unknown, revoked or expired' };
    }
    if (request.headers.authorization !== undefined) {
      return { ...this.#nobody(request), invalid: 'expected "Authorization: Bearer TOKEN", found another form' };
    }
    const sessionId = sessionIdOf(request);
    const session = sessionId === null ? null : this.#parts.sessions.use(sessionId);
    if (session !== null) return this.#granted(session.principal);

    const proxied = this.#proxied(request);
    if (proxied !== null) return this.#granted(proxied);
    const closed = this.#rules.required || (this.#openOnMetricsPort !== null && cameByMetricsPort(request));
    return closed ? this.#nobody(request) : this.#granted(LOCAL);
  }

  #granted(principal: Principal): Grants {
    const { readOnly } = this.#rules;
    const refusal = readOnly
      ? 'this service was started read-only; it watches and changes nothing'
      : `${principal.name} lacks it`;
    return { permissions: permittedTo(principal, readOnly), principal, refusal };
  }

  /** Nobody may still see what is open to everybody, or to the address. */
  #nobody(request: IncomingMessage): Grants {
    const address = clientAddress(request);
    const here = cameByMetricsPort(request) ? (this.#openOnMetricsPort ?? this.#open) : this.#open;
    const open = here.filter(({ to }) => to === 'open' || to.has(address)).map(({ permission }) => permission);
    return { permissions: new Set(open), principal: null, refusal: 'sign in, or send a token' };
  }

  /** The name in a header is believed only from the proxy's own address, which the connection tells and no header can. */
  #proxied(request: IncomingMessage): Principal | null {
    const { proxy } = this.#rules;
    if (proxy === null || this.#proxies?.has(request.socket.remoteAddress) !== true) return null;
    // Twice means that the proxy adds to what the caller wrote, instead of replacing it.
    const names = [proxy.userHeader, ...(proxy.groupsHeader === undefined ? [] : [proxy.groupsHeader])];
    if (names.some((header) => (request.headersDistinct[header]?.length ?? 0) > 1)) return null;
    const name = request.headers[proxy.userHeader];
    if (typeof name !== 'string' || name.trim() === '' || name.length > MAX_HEADER) return null;
    const listed = proxy.groupsHeader === undefined ? undefined : request.headers[proxy.groupsHeader];
    const groups = typeof listed === 'string' ? listed.split(',').map((group) => group.trim()) : [];
    const found = mappedRole({ groups, email: name.trim() }, proxy.mapping, this.#roles);
    if (found === null) return null;
    const { role, scope } = found;
    return {
      kind: 'proxy',
      id: name.trim(),
      name: name.trim(),
      role: role.name,
      permissions: role.permissions,
      actions: role.actions,
      scope,
    };
  }
}

const LOCAL: Principal = {
  kind: 'local',
  id: 'local',
  name: 'the person at this machine',
  role: null,
  permissions: new Set(PERMISSIONS),
  actions: null,
  scope: EVERYTHING,
};

function ofToken(token: ApiToken): Principal {
  return {
    kind: 'token',
    id: token.id,
    name: token.name,
    role: token.role,
    permissions: new Set(token.permissions),
    actions: token.actions === null ? null : new Set(token.actions),
    scope: { sources: token.sources, queues: token.queues },
  };
}

function bearerOf(request: IncomingMessage): string | null {
  const { authorization } = request.headers;
  if (authorization === undefined || authorization.length > MAX_BEARER) return null;
  return /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? null;
}

function openTo(permission: Permission, to: OpenTo): readonly Opening[] {
  if (to === 'permission') return [];
  return [{ permission, to: to === 'open' ? to : new AddressList(to) }];
}
