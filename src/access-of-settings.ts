import type { AccessRules, RoleMapping } from './auth/access-rules.js';
import { isNetwork } from './auth/address-list.js';
import { Roles } from './auth/roles.js';
import { SettingsError } from './config/settings-error.js';
import type { Settings } from './config/settings-schema.js';
import type { HttpRules } from './http/http-rules.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Who may do what, by the settings. Throws SettingsError for what cannot work, such as a role that nobody has described. */
export function accessRulesOf(settings: Settings): AccessRules {
  const { auth, http, readOnly, insecure } = settings;
  const problems = [...roleProblems(auth), ...networkProblems(settings)];
  if (auth.oidc !== null && http.publicUrl === undefined) {
    problems.push(
      'http.publicUrl: expected where browsers find the service, because auth.oidc sends them back there, found nothing',
    );
  }
  const twice = auth.users.map(({ name }) => name).find((name, at, all) => all.indexOf(name) !== at);
  if (twice !== undefined) problems.push(`auth.users: expected each name once, found "${twice}" twice`);
  if (problems.length > 0) throw new SettingsError(problems);
  const configured = auth.users.length > 0 || auth.oidc !== null || auth.proxy !== null;
  return {
    required: auth.required ?? configured,
    readOnly,
    insecure,
    users: auth.users,
    roles: auth.roles,
    oidc: auth.oidc,
    proxy: auth.proxy,
    metrics: auth.metrics,
    metricsPort: settings.metrics.access ?? null,
    docs: auth.docs,
    sessions: { idleMs: auth.sessions.idleMinutes * MINUTE_MS, absoluteMs: auth.sessions.absoluteHours * HOUR_MS },
    publicUrl: http.publicUrl ?? null,
  };
}

export function httpRulesOf({ http, host }: Settings): HttpRules {
  const { hosts, corsOrigins, trustedProxies, publicUrl = null } = http;
  return { hosts: [...hosts, host], corsOrigins, trustedProxies, publicUrl };
}

function roleProblems({ users, oidc, proxy, roles }: Settings['auth']): string[] {
  const known = new Roles(roles);
  const mapped = (path: string, mapping: readonly RoleMapping[]) =>
    mapping.map(({ role }, at) => ({ path: `${path}.${at}.role`, role }));
  const used = [
    ...users.map(({ role }, at) => ({ path: `auth.users.${at}.role`, role })),
    ...mapped('auth.oidc.mapping', oidc?.mapping ?? []),
    ...mapped('auth.proxy.mapping', proxy?.mapping ?? []),
  ];
  return used
    .filter(({ role }) => known.named(role) === null)
    .map(({ path, role }) => `${path}: expected one of ${known.names.join(', ')}, found "${role}"`);
}

function networkProblems({ auth, http, metrics }: Settings): string[] {
  const lists = {
    'auth.proxy.addresses': auth.proxy?.addresses ?? [],
    'auth.metrics': Array.isArray(auth.metrics) ? auth.metrics : [],
    'metrics.access': Array.isArray(metrics.access) ? metrics.access : [],
    'auth.docs': Array.isArray(auth.docs) ? auth.docs : [],
    'http.trustedProxies': http.trustedProxies,
  };
  return Object.entries(lists).flatMap(([path, entries]) =>
    entries
      .filter((entry) => !isNetwork(entry))
      .map((entry) => `${path}: expected addresses or networks such as 10.0.0.0/8, found "${entry}"`),
  );
}
