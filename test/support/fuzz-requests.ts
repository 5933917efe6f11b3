import { oddHeader, oddPath } from './fuzz-oddities.js';
import { memberOf } from './openapi-conformance.js';
import type { Random } from './random.js';

export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly described: unknown;
  /** Needs nobody to be signed in. */
  readonly open: boolean;
}

export interface FuzzRequest {
  readonly operation: Operation;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** No good credential was sent. */
  readonly stranger: boolean;
  /** Written in a way that the document knows nothing of: what it says of answers does not count. */
  readonly odd: boolean;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

export function operationsOf(document: unknown): readonly Operation[] {
  return Object.entries(memberOf(document, 'paths') ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const described = memberOf(item, method);
      if (described === undefined) return [];
      const open = memberOf(memberOf(described, 'responses'), '401') === undefined || path.endsWith('/session');
      return [{ id: String(memberOf(described, 'operationId')), method: method.toUpperCase(), path, described, open }];
    }),
  );
}

/** Texts that have hurt other services. */
const HOSTILE = [
  '',
  '__proto__',
  'constructor',
  'toString',
  '../../etc/passwd',
  '..%2f..%2fetc%2fpasswd',
  '%00',
  '\u0000',
  'a\r\nSet-Cookie: x=1',
  '*',
  '{}',
  '[]',
  '$where',
  "' OR 1=1 --",
  '<script>alert(1)</script>',
  'status',
  ':',
  '(((((((((((((((((((((((((',
  'state:(or)',
  'not not not not',
  '-1',
  '0',
  '1e999',
  'NaN',
  'null',
  'undefined',
  'true',
  '9999999999999999999999',
  '\ud800',
  '😀',
  'ﬀ',
  'x'.repeat(3000),
  '\u202e',
  '%_\\',
  '"\' --',
];
const KNOWN = ['training:1', 'training', 'worker-1', 'bull', 'celery', 'bullmq', 'no-such', 'mail', '1'];

function text(random: Random): string {
  if (random.chance(0.35)) return random.pick(HOSTILE);
  if (random.chance(0.6)) return random.pick(KNOWN);
  return Array.from({ length: random.below(20) }, () => String.fromCharCode(random.below(0x2fff))).join('');
}

/** Percent-encoded as it must be, or now and then as it must not. */
function encoded(value: string, random: Random): string {
  if (random.chance(0.02)) return '%E0%A4%A';
  return encodeURIComponent(value.replaceAll(/[\ud800-\udfff]/g, ''));
}

/** A value that a schema allows, or nearly so. */
function valueFor(document: unknown, schema: unknown, random: Random, depth = 0): unknown {
  if (random.chance(0.12))
    return random.pick([null, '', 0, -1, 1e308, true, [], {}, [[]], text(random), { a: { b: [] } }]);
  const ref = memberOf(schema, '$ref');
  if (typeof ref === 'string' && depth < 6) {
    return valueFor(
      document,
      memberOf(memberOf(memberOf(document, 'components'), 'schemas'), ref.split('/').at(-1) ?? ''),
      random,
      depth + 1,
    );
  }
  const words: unknown = memberOf(schema, 'enum');
  if (Array.isArray(words)) return random.pick(words);
  switch (memberOf(schema, 'type')) {
    case 'string':
      return text(random);
    case 'integer':
    case 'number':
      return random.pick([0, 1, 5, 100, -1, 0.5, Number(memberOf(schema, 'maximum') ?? 10), 1e9]);
    case 'boolean':
      return random.chance(0.5);
    case 'array':
      return Array.from({ length: random.below(4) }, () =>
        valueFor(document, memberOf(schema, 'items'), random, depth + 1),
      );
    case 'object': {
      const entries = Object.entries(memberOf(schema, 'properties') ?? {})
        .filter(() => random.chance(0.8))
        .map(([name, of]) => [name, valueFor(document, of, random, depth + 1)]);
      if (random.chance(0.1)) entries.push([random.pick(['__proto__', 'constructor', 'extra']), { polluted: true }]);
      return Object.fromEntries(entries);
    }
    default:
      return text(random);
  }
}

function bodyFor(
  document: unknown,
  operation: Operation,
  random: Random,
): { readonly type: string; readonly body: string } | null {
  const content = memberOf(memberOf(operation.described, 'requestBody'), 'content');
  const schema = memberOf(memberOf(content, 'application/json'), 'schema');
  if (schema === undefined && random.chance(0.85)) return null;
  const roll = random.next();
  if (roll < 0.04) return { type: 'application/json', body: '{"unfinished": ' };
  if (roll < 0.06) return { type: 'text/plain', body: '{}' };
  if (roll < 0.08) return { type: 'application/x-www-form-urlencoded', body: 'a=1&__proto__[x]=1' };
  if (roll < 0.085) return { type: 'application/json', body: JSON.stringify({ name: 'x'.repeat(300_000) }) };
  if (roll < 0.1) return { type: 'application/json', body: `${'['.repeat(5000)}${']'.repeat(5000)}` };
  if (roll < 0.12) return { type: 'application/json; charset=utf-7', body: '{}' };
  if (roll < 0.14) return { type: 'application/json', body: '{"__proto__": {"polluted": true}}' };
  return { type: 'application/json', body: JSON.stringify(valueFor(document, schema, random) ?? null) };
}

/** One request made from the document: mostly as it says, with something wrong now and then. `tokens` are good ones. */
export function fuzzRequest(
  document: unknown,
  operations: readonly Operation[],
  tokens: readonly string[],
  random: Random,
): FuzzRequest {
  const picked = random.pick(operations);
  const path = picked.path.replace(/\{\w+\}/g, () => encoded(text(random), random) || 'x');
  // An id such as `status` leads to another operation.
  const operation = operations.find((known) => known.path === path && known.method === picked.method) ?? picked;
  const listed: unknown = memberOf(operation.described, 'parameters');
  const query = (Array.isArray(listed) ? listed : [])
    .filter((parameter) => memberOf(parameter, 'in') === 'query' && random.chance(0.4))
    .flatMap((parameter) => {
      const name = String(memberOf(parameter, 'name'));
      const value = valueFor(document, memberOf(parameter, 'schema'), random);
      const written = `${name}=${encoded(String(Array.isArray(value) ? value.join(',') : value), random)}`;
      return random.chance(0.05) ? [written, written] : [written];
    });
  if (random.chance(0.05))
    query.push(random.pick(['__proto__=1', 'a[b]=1', 'constructor[prototype][x]=1', '=', '&&', 'limit']));

  const headers: Record<string, string> = {};
  const roll = random.next();
  const stranger = roll < 0.25;
  if (!stranger) headers.authorization = `Bearer ${random.pick(tokens)}`;
  else if (roll < 0.2) {
    headers.authorization = random.pick([
      'Bearer',
      'Bearer tsk_00000000_x',
      'Basic YTpi',
      'bearer  ',
      'Bearer null',
      'x',
    ]);
  } else if (roll < 0.22) headers.cookie = `__Host-taskscope=${'A'.repeat(43)}`;
  if (random.chance(0.02)) headers['sec-fetch-site'] = random.pick(['cross-site', 'same-origin', 'none', 'x']);
  if (random.chance(0.02)) headers.origin = random.pick(['https://evil.example', 'null', 'x', '']);
  if (random.chance(0.02)) headers['x-forwarded-for'] = '127.0.0.1';
  const oddlySent = random.chance(0.06);
  const [name, value] = oddHeader(random);
  if (oddlySent) headers[name] = value;
  const oddlyAsked = random.chance(0.06);

  const method = random.chance(0.03)
    ? random.pick(['PUT', 'PATCH', 'OPTIONS', 'POST', 'DELETE', 'HEAD'])
    : operation.method;
  const sent = method === 'GET' || method === 'HEAD' ? null : bodyFor(document, operation, random);
  if (sent !== null) {
    headers['content-type'] = sent.type;
    headers['content-length'] = String(Buffer.byteLength(sent.body));
  }
  const asked = query.length === 0 ? '' : `?${query.join('&')}`;
  const url = (oddlyAsked ? oddPath(path, random) : path) + asked;
  return { operation, method, url, headers, body: sent?.body ?? null, stranger, odd: oddlyAsked || oddlySent };
}
