import type { Random } from './random.js';

/** Ways to write a path that other services have taken for the path itself, or for another one. */
const PATHS: readonly ((path: string) => string)[] = [
  (path) => `${path}/`,
  (path) => `/${path}`,
  (path) => path.replace('/', '/./'),
  (path) => path.toUpperCase(),
  (path) => path.replace('celery', '%63elery'),
  (path) => `${path}/..`,
  (path) => `${path}/%2e%2e/%2e%2e`,
  (path) => path.replace(/\/(?=[^/]*$)/, '%2f'),
  (path) => path.replace(/\/(?=[^/]*$)/, '\\'),
  (path) => `${path};a=b`,
  (path) => `${path}%00`,
  (path) => `${path}%`,
  (path) => `${path}/history`,
  (path) => `${path}.json`,
  (path) => `/docs/..${path}`,
  (path) => `http://localhost${path}`,
  () => '*',
];

const HEADERS: readonly (readonly [string, string])[] = [
  ['host', 'evil.example'],
  ['host', ''],
  ['host', 'localhost, evil.example'],
  ['accept', 'application/x-unknown'],
  ['accept-encoding', '*;q=0'],
  ['range', 'bytes=0-,-1'],
  ['if-none-match', '*'],
  ['if-modified-since', 'never'],
  ['last-event-id', '__proto__-9'],
  ['content-encoding', 'gzip'],
  ['content-encoding', 'x'],
  ['expect', 'the-unexpected'],
  ['upgrade', 'websocket'],
  ['cookie', `a=b; __Host-taskscope=x; __Host-taskscope=${'A'.repeat(43)}`],
  ['cookie', ';;=;'],
  ['x-forwarded-host', 'evil.example'],
  ['x-forwarded-proto', 'https'],
  ['x-forwarded-user', 'admin'],
  ['x-original-url', '/metrics'],
  ['x-rewrite-url', '/metrics'],
  ['x-http-method-override', 'DELETE'],
  ['origin', 'https://evil.example'],
  ['sec-fetch-site', 'cross-site'],
  ['access-control-request-method', 'DELETE'],
  ['te', 'trailers'],
  ['x-large', 'x'.repeat(20_000)],
];

export function oddPath(path: string, random: Random): string {
  return random.pick(PATHS)(path);
}

export function oddHeader(random: Random): readonly [string, string] {
  return random.pick(HEADERS);
}
