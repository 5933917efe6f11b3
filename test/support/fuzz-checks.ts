import type { FuzzRequest } from './fuzz-requests.js';
import { memberOf, nonconformities } from './openapi-conformance.js';

export interface FuzzAnswer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** Frames of V8 and Python, and paths of source files. */
const STACK = /\n\s+at |node_modules|\/src\/[\w/-]+\.|\.(?:ts|js|mjs):\d+|Traceback \(most recent/;
/** Told before anybody is asked who they are: the body, the host, another site's page, and limits by address. */
const BEFORE_SIGN_IN: ReadonlySet<number> = new Set([400, 401, 403, 413, 415, 421, 429]);
/** What is answered to another method than the document's, or to what HTTP itself forbids. */
const UNDESCRIBED: ReadonlySet<number> = new Set([
  200, 201, 202, 204, 400, 401, 403, 404, 405, 409, 413, 415, 417, 421, 429, 431, 503,
]);

/** What is wrong with an answer; empty where nothing is. */
export function faultsOf(document: unknown, request: FuzzRequest, answer: FuzzAnswer): readonly string[] {
  const { operation, method } = request;
  const faults: string[] = [];
  const { status, type, text } = answer;
  if (STACK.test(text)) faults.push('shows a stack trace');
  if (Reflect.get({}, 'polluted') !== undefined) faults.push('polluted the prototype of objects');
  if (
    request.stranger &&
    !operation.open &&
    method === operation.method &&
    !request.odd &&
    !BEFORE_SIGN_IN.has(status)
  ) {
    faults.push(`ignored that nobody has signed in: ${status}`);
  }
  if (request.stranger && request.odd && !operation.open && status < 300 && method !== 'OPTIONS') {
    faults.push(`let a stranger in who asked oddly: ${status}`);
  }
  if (method !== operation.method || request.odd) {
    if (!UNDESCRIBED.has(status))
      faults.push(`answered ${status} to ${request.odd ? 'an odd request' : 'another method'}`);
    return faults;
  }
  const responses = memberOf(operation.described, 'responses');
  const described = memberOf(responses, String(status));
  if (described === undefined) return [...faults, `answered the undocumented ${status}: ${text.slice(0, 200)}`];
  if (status >= 500 && status !== 503) faults.push(`failed with ${status}`);
  const content = memberOf(described, 'content');
  const schema = memberOf(memberOf(content, type), 'schema');
  if (schema === undefined)
    return [...faults, `answered ${status} as ${type}, not as ${Object.keys(content ?? {}).join(', ')}`];
  // Not ndjson: that is a text of many.
  if (type === 'application/json' || type.endsWith('+json')) {
    const wrong = nonconformities(document, schema, JSON.parse(text));
    const grave = wrong.filter((found) => status < 400 || !found.includes('undocumented'));
    faults.push(...grave.map((found) => `answered ${status} unlike its schema: ${found}`));
  }
  return faults;
}
