/** More places are not told: whoever compares has seen enough. */
const MOST = 200;
const MOST_DEPTH = 12;

export interface Difference {
  /** `customer.address[2]`; empty for the whole. */
  readonly path: string;
  /** undefined where it is not there. */
  readonly left: unknown;
  readonly right: unknown;
}

/** Where two JSON values differ, the outermost place of each difference, in the order of the left. At most 200. */
export function differencesOf(left: unknown, right: unknown): readonly Difference[] {
  const found: Difference[] = [];
  collect('', left, right, 0, found);
  return found;
}

function collect(path: string, left: unknown, right: unknown, depth: number, found: Difference[]): void {
  if (found.length >= MOST || Object.is(left, right)) return;
  if (depth >= MOST_DEPTH || !isObject(left) || !isObject(right) || Array.isArray(left) !== Array.isArray(right)) {
    if (JSON.stringify(left) !== JSON.stringify(right)) found.push({ path, left, right });
    return;
  }
  const list = Array.isArray(left);
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const place = list ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    collect(place, own(left, key), own(right, key), depth + 1, found);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function own(value: object, key: string): unknown {
  return Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}
