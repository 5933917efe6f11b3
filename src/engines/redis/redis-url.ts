import { InvalidRequest } from '../../core/errors.js';
import type { RedisAddress, RedisSettings, RedisTls, RedisTopology } from './redis-settings.js';

export const REDIS_SCHEMES = [
  'redis',
  'rediss',
  'redis+socket',
  'unix',
  'redis+sentinel',
  'rediss+sentinel',
  'redis+cluster',
  'rediss+cluster',
] as const;
type RedisScheme = (typeof REDIS_SCHEMES)[number];

/** TLS names are redis-py's, because a Celery user already has them in a broker URL. */
const QUERY_NAMES = [
  'db',
  'username',
  'password',
  'sentinel_username',
  'sentinel_password',
  'ssl_cert_reqs',
  'ssl_ca_certs',
  'ssl_certfile',
  'ssl_keyfile',
  'servername',
];

interface UrlParts {
  readonly scheme: RedisScheme;
  readonly username: string | null;
  readonly password: string | null;
  readonly hosts: string;
  readonly path: string;
  readonly query: URLSearchParams;
}

/**
 * Reads `redis://user:password@host:6379/0`, `rediss://…`, `redis+socket:///run/redis.sock?db=0`,
 * `redis+sentinel://host1,host2:26379/master/0` and `redis+cluster://host1,host2`.
 * Throws InvalidRequest, which never repeats a password.
 */
export function parseRedisUrl(url: string): RedisSettings {
  const parts = split(url);
  const { query } = parts;
  return {
    topology: topologyOf(parts, url),
    username: parts.username ?? query.get('username'),
    password: parts.password ?? query.get('password'),
    database: databaseOf(parts, url),
    tls: parts.scheme.startsWith('rediss') ? tlsOf(query, url) : null,
  };
}

/** The same URL without user name, password and the query, which may hold both. Safe to log and to show, whatever it is given. */
export function redactUrl(url: string): string {
  const scheme = url.indexOf('://');
  if (scheme === -1) return '(not a URL)';
  const rest = url.slice(scheme + 3).replace(/[?#].*$/s, '');
  // From the last @, not the first: a password may hold one that nobody escaped.
  return `${url.slice(0, scheme)}://${rest.slice(rest.lastIndexOf('@') + 1)}`;
}

function split(url: string): UrlParts {
  const found = /^([a-z+]+):\/\/(?:(.*)@)?([^/?#@]*)([^?#]*)(?:\?([^#]*))?$/s.exec(url);
  if (!found) throw invalid(url, 'a URL such as redis://host:6379/0');
  if (found[1] === 'postgres' || found[1] === 'postgresql') {
    throw new InvalidRequest(
      `${redactUrl(url)} is a PostgreSQL database. BullMQ 6 can keep its queues in one, which Taskscope does not read: it watches Celery over ` +
        'Redis and RabbitMQ, and Bull and BullMQ in Redis.',
    );
  }
  const scheme = REDIS_SCHEMES.find((known) => known === found[1]);
  if (!scheme) throw invalid(url, `one of the schemes ${REDIS_SCHEMES.join(', ')}`);
  const userinfo = found[2] ?? '';
  const colon = userinfo.indexOf(':');
  const query = new URLSearchParams(found[5] ?? '');
  for (const name of query.keys()) {
    if (!QUERY_NAMES.includes(name)) {
      throw invalid(url, `no query but ${QUERY_NAMES.join(', ')}; found '${name.slice(0, 40)}'`);
    }
  }
  return {
    scheme,
    username: decoded(colon === -1 ? userinfo : userinfo.slice(0, colon), url),
    password: decoded(colon === -1 ? '' : userinfo.slice(colon + 1), url),
    hosts: found[3] ?? '',
    path: found[4] ?? '',
    query,
  };
}

function topologyOf(parts: UrlParts, url: string): RedisTopology {
  switch (parts.scheme) {
    case 'redis':
    case 'rediss': {
      const [address, ...more] = addresses(parts.hosts, 6379, url);
      if (!address || more.length > 0)
        throw invalid(url, 'one host; several need redis+sentinel:// or redis+cluster://');
      return { kind: 'single', ...address };
    }
    case 'redis+socket':
    case 'unix':
      if (parts.hosts !== '' || parts.path.length < 2)
        throw invalid(url, `three slashes and a path: ${parts.scheme}:///path/to/redis.sock`);
      return { kind: 'socket', path: decoded(parts.path, url) ?? parts.path };
    case 'redis+sentinel':
    case 'rediss+sentinel': {
      const master = decoded(parts.path.split('/')[1] ?? '', url);
      if (!master) throw invalid(url, `the master's name: ${parts.scheme}://host1,host2/master/0`);
      return {
        kind: 'sentinel',
        sentinels: addresses(parts.hosts, 26379, url),
        master,
        sentinelUsername: parts.query.get('sentinel_username'),
        sentinelPassword: parts.query.get('sentinel_password'),
      };
    }
    case 'redis+cluster':
    case 'rediss+cluster':
      return { kind: 'cluster', nodes: addresses(parts.hosts, 6379, url) };
    default: {
      const never: never = parts.scheme;
      return never;
    }
  }
}

function databaseOf(parts: UrlParts, url: string): number {
  const steps = parts.path.split('/').slice(1);
  let said: string | undefined;
  let most = 1;
  switch (parts.scheme) {
    case 'redis+socket':
    case 'unix':
      most = steps.length;
      break;
    case 'redis+sentinel':
    case 'rediss+sentinel':
      said = steps[1];
      most = 2;
      break;
    default:
      said = steps[0];
  }
  if (steps.length > most) throw invalid(url, 'nothing after the database number');
  const text = said || parts.query.get('db') || '0';
  if (!/^\d{1,5}$/.test(text)) throw invalid(url, `a database number; found '${text.slice(0, 20)}'`);
  if (parts.scheme.endsWith('+cluster') && text !== '0') throw invalid(url, 'database 0: a cluster has no other');
  return Number(text);
}

function addresses(hosts: string, defaultPort: number, url: string): RedisAddress[] {
  return hosts.split(',').map((text) => {
    const found = /^(\[[0-9a-fA-F:.]+\]|[^:[\]\s]+)(?::(\d{1,5}))?$/.exec(text);
    const host = found?.[1];
    const port = Number(found?.[2] ?? defaultPort);
    if (!host || port < 1 || port > 65535) throw invalid(url, 'host or host:port, an IPv6 address in brackets');
    return { host: host.replace(/^\[|\]$/g, ''), port };
  });
}

function tlsOf(query: URLSearchParams, url: string): RedisTls {
  const demand = (query.get('ssl_cert_reqs') ?? 'required').toLowerCase().replace('cert_', '');
  if (!['required', 'optional', 'none'].includes(demand))
    throw invalid(url, 'ssl_cert_reqs to be required, optional or none');
  return {
    caFile: query.get('ssl_ca_certs'),
    certFile: query.get('ssl_certfile'),
    keyFile: query.get('ssl_keyfile'),
    serverName: query.get('servername'),
    verify: demand === 'required',
  };
}

function decoded(text: string, url: string): string | null {
  if (text === '') return null;
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw new InvalidRequest(
      `Redis URL: expected % to be written %25 in ${redactUrl(url)}`,
      {},
      // The original repeats nothing of the text.
      { cause: error },
    );
  }
}

function invalid(url: string, expected: string): InvalidRequest {
  return new InvalidRequest(`Redis URL: expected ${expected}; found ${redactUrl(url)}`);
}
