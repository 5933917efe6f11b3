import type { Permission } from './permission.decorator.js';

/** Part of what is watched; absent is all. Entries are names, or beginnings of names followed by `*`. */
export interface ScopeRules {
  readonly sources?: readonly string[];
  readonly queues?: readonly string[];
}

export interface UserRules extends ScopeRules {
  readonly name: string;
  readonly passwordHash: string;
  readonly role: string;
}

/** Whom an identity provider's or a proxy's word makes what: the first entry that fits wins. */
export interface RoleMapping extends ScopeRules {
  readonly role: string;
  /** Names of groups, exactly. */
  readonly groups?: readonly string[];
  /** Whole e-mail addresses. */
  readonly emails?: readonly string[];
  /** What stands after the @, wholly. */
  readonly domains?: readonly string[];
  /** Everybody whom the provider lets through. */
  readonly everybody?: boolean;
}

export interface OidcRules {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  readonly label: string;
  readonly scopes: readonly string[];
  readonly groupsClaim: string;
  /** False also takes e-mail addresses that the provider has not verified. */
  readonly verifiedEmail: boolean;
  readonly mapping: readonly RoleMapping[];
  /** For a provider on this machine: also plain HTTP. */
  readonly allowHttp: boolean;
}

export interface ProxyRules {
  /** Lower case. */
  readonly userHeader: string;
  readonly groupsHeader?: string;
  /** Addresses or networks of the proxies, compared with the connection's own peer. */
  readonly addresses: readonly string[];
  readonly mapping: readonly RoleMapping[];
}

/** open: everybody. permission: who has view-metrics or view-docs. A list: also these addresses and networks, without signing in. */
export type OpenTo = 'open' | 'permission' | readonly string[];

/** Everything that decides who may do what. */
export interface AccessRules {
  /** False: whoever reaches the service is the person at this machine and may do everything. */
  readonly required: boolean;
  readonly readOnly: boolean;
  readonly insecure: boolean;
  readonly users: readonly UserRules[];
  readonly roles: Readonly<
    Record<string, { readonly permissions: readonly Permission[]; readonly actions?: readonly string[] }>
  >;
  readonly oidc: OidcRules | null;
  readonly proxy: ProxyRules | null;
  readonly metrics: OpenTo;
  /** On the metrics' own port; null: as on the first. */
  readonly metricsPort: OpenTo | null;
  readonly docs: OpenTo;
  readonly sessions: { readonly idleMs: number; readonly absoluteMs: number };
  /** Where browsers find the service, with neither path nor final slash; null where it was not told. */
  readonly publicUrl: string | null;
}

/** The service on its own machine, before anything is configured. */
export const LOCAL_RULES: AccessRules = {
  required: false,
  readOnly: false,
  insecure: false,
  users: [],
  roles: {},
  oidc: null,
  proxy: null,
  metrics: 'permission',
  metricsPort: null,
  docs: 'permission',
  sessions: { idleMs: 3_600_000, absoluteMs: 43_200_000 },
  publicUrl: null,
};
