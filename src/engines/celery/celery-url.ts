import { InvalidRequest } from '../../core/errors.js';
import { parseRedisUrl, redactUrl } from '../redis/redis-url.js';
import type { AmqpSettings, CeleryBroker } from './celery-settings.js';

const AMQP_SCHEMES = new Set(['amqp', 'amqps', 'pyamqp', 'librabbitmq']);
const TLS_QUERY = ['ssl', 'ssl_cert_reqs', 'ssl_ca_certs', 'ssl_certfile', 'ssl_keyfile', 'servername', 'heartbeat'];
/** The client gives a silent connection up within three of these. */
const HEARTBEAT_SECONDS = 3;

/** True for URLs that no other engine could be meant by. Says nothing about whether they are well formed. */
export function isCeleryUrl(url: string): boolean {
  const scheme = schemeOf(url);
  return AMQP_SCHEMES.has(scheme) || scheme === 'sentinel';
}

/**
 * Reads a broker URL as a Celery application writes it, and ours: `redis://`, `rediss://`, `redis+socket:///path?virtual_host=0`,
 * `sentinel://host1:26379;sentinel://host2:26379/0?master_name=mymaster`, `amqp://user:password@host:5672/vhost`, `amqps://`.
 * Throws InvalidRequest, which never repeats a password.
 */
export function parseCeleryUrl(url: string): CeleryBroker {
  const scheme = schemeOf(url);
  if (AMQP_SCHEMES.has(scheme)) return { kind: 'amqp', settings: parseAmqpUrl(url, scheme === 'amqps') };
  if (scheme === 'sentinel') return { kind: 'redis', settings: parseRedisUrl(sentinelUrl(url)) };
  if (scheme === 'redis+socket')
    return { kind: 'redis', settings: parseRedisUrl(url.replace(/([?&])virtual_host=\/?/, '$1db=')) };
  return { kind: 'redis', settings: parseRedisUrl(url) };
}

/** `sentinel://a:26379;sentinel://:password@b:26379/2?master_name=m` as one URL; Celery takes the database from the last. */
function sentinelUrl(url: string): string {
  const parts = url
    .split(';')
    .map((part) => /^(?:sentinel:\/\/)?(?:(.*)@)?([^/?@]+)(\/[^?]*)?(?:\?(.*))?$/s.exec(part.trim()));
  const hosts: string[] = [];
  let userinfo = '';
  let database = '0';
  const query = new URLSearchParams();
  for (const part of parts) {
    if (part === null) throw invalid(url, 'sentinel://host:26379;sentinel://host:26379/0?master_name=NAME');
    if (part[1]) userinfo = `${part[1]}@`;
    hosts.push(part[2] ?? '');
    if (part[3] !== undefined && part[3].length > 1) database = part[3].slice(1);
    for (const [name, value] of new URLSearchParams(part[4] ?? '')) query.set(name, value);
  }
  const master = query.get('master_name');
  if (!master) throw invalid(url, 'the master’s name, as in sentinel://host:26379/0?master_name=mymaster');
  query.delete('master_name');
  const rest = query.size > 0 ? `?${query.toString()}` : '';
  return `redis+sentinel://${userinfo}${hosts.join(',')}/${encodeURIComponent(master)}/${database}${rest}`;
}

function parseAmqpUrl(url: string, secure: boolean): AmqpSettings {
  const found =
    /^[a-z]+:\/\/(?:([^@/]*)@)?(\[[0-9a-fA-F:.]+\]|[^:/?#]*)(?::(\d{1,5}))?(?:\/([^?#]*))?(?:\?([^#]*))?$/.exec(url);
  if (found === null) throw invalid(url, 'amqp://user:password@host:5672/vhost');
  const [, userinfo = '', host = '', port, vhost = '', search = ''] = found;
  const query = new URLSearchParams(search);
  for (const name of query.keys()) {
    if (!TLS_QUERY.includes(name))
      throw invalid(url, `no query but ${TLS_QUERY.join(', ')}; found '${name.slice(0, 40)}'`);
  }
  const colon = userinfo.indexOf(':');
  const tls = secure || ['true', '1'].includes((query.get('ssl') ?? '').toLowerCase());
  const heartbeat = Number(query.get('heartbeat') ?? HEARTBEAT_SECONDS);
  if (!(heartbeat >= 1 && heartbeat <= 60)) throw invalid(url, 'a heartbeat of 1 to 60 seconds');
  return {
    host: host.replace(/^\[|\]$/g, '') || 'localhost',
    port: Number(port ?? (tls ? 5671 : 5672)),
    username: decoded(colon === -1 ? userinfo : userinfo.slice(0, colon), url) || 'guest',
    password: colon === -1 ? 'guest' : decoded(userinfo.slice(colon + 1), url),
    // `amqp://host//` is Celery's way to write the default, `/`.
    virtualHost: decoded(vhost, url) || '/',
    heartbeatSeconds: heartbeat,
    tls: tls
      ? {
          caFile: query.get('ssl_ca_certs'),
          certFile: query.get('ssl_certfile'),
          keyFile: query.get('ssl_keyfile'),
          serverName: query.get('servername'),
          verify: (query.get('ssl_cert_reqs') ?? 'required').toLowerCase().replace('cert_', '') === 'required',
        }
      : null,
  };
}

function decoded(text: string, url: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    // The original repeats nothing of the text.
    throw new InvalidRequest(`Broker URL: expected % to be written %25 in ${redactUrl(url)}`, {}, { cause: error });
  }
}

function invalid(url: string, expected: string): InvalidRequest {
  return new InvalidRequest(`Broker URL: expected ${expected}; found ${redactUrl(url)}`);
}

function schemeOf(url: string): string {
  return /^([a-z+]+):\/\//.exec(url)?.[1] ?? '';
}
