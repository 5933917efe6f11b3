import { redactSecrets } from './secret-texts.js';

/** What stands for a value that must not be shown. */
export const REDACTED = '[redacted]';

/** A key tells of a secret where it is, or ends in, one of these, whatever stands between its words: `db_password`, `X-Api-Key`. */
const SECRET_ENDINGS = [
  'password',
  'passwd',
  'passphrase',
  'pwd',
  'secret',
  'token',
  'apikey',
  'authorization',
  'cookie',
  'credential',
  'credentials',
  'privatekey',
  'accesskey',
  'secretkey',
  'signingkey',
  'encryptionkey',
  'sessionid',
  'creditcard',
  'cardnumber',
] as const;
/** Too short, or too common as an ending, to be more than the whole key. */
const SECRET_KEYS = ['auth', 'cvv', 'cvc', 'ssn', 'pin', 'otp', 'iban'] as const;

const MAX_DEPTH = 64;
/** Keys whose answer is remembered; what comes from a broker may have any number of them. */
const MAX_KNOWN_KEYS = 10_000;
const MAX_KNOWN_LENGTH = 200;

export type Redactor = (value: unknown) => unknown;

/**
 * Makes the function that takes secrets out of whatever comes from a broker, before it is kept anywhere: values under telling keys, and
 * credentials inside text. Returns the very same value where there was nothing to take out. `patterns` are global expressions for further
 * secrets inside text.
 */
export function redactor(furtherKeys: readonly string[] = [], patterns: readonly RegExp[] = []): Redactor {
  const look = looksAtKeys(furtherKeys, patterns);

  const redact = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string') return redactText(value, patterns);
    if (typeof value !== 'object' || value === null) return value;
    if (depth >= MAX_DEPTH) return '[nested too deeply]';
    if (Array.isArray(value)) {
      const list = value.map((item) => redact(item, depth + 1));
      return list.some((item, at) => item !== value[at]) ? list : value;
    }
    // Most values hold nothing to take out, and every result of every task comes by here: nothing is made for those.
    let changed: Map<string, unknown> | null = null;
    for (const key of Object.keys(value)) {
      const item: unknown = Reflect.get(value, key);
      const { telling, text } = look(key);
      const shown = telling && item !== null ? REDACTED : redact(item, depth + 1);
      if (shown === item && text === key) continue;
      changed ??= new Map();
      changed.set(key, shown);
    }
    if (changed === null) return value;
    const shown = changed;
    // fromEntries defines properties, so that a key named __proto__ stays an ordinary key.
    return Object.fromEntries(
      Object.entries(value).map(([key, item]: [string, unknown]) => [
        look(key).text,
        shown.has(key) ? shown.get(key) : item,
      ]),
    );
  };
  return (value) => redact(value, 0);
}

export function redactText(text: string, patterns: readonly RegExp[] = []): string {
  const shown = redactSecrets(text, REDACTED);
  return patterns.reduce((before, pattern) => before.replace(pattern, REDACTED), shown);
}

interface SeenKey {
  /** What stands under it is secret. */
  readonly telling: boolean;
  /** Itself without secrets: sessions, for one, are kept under their tokens. */
  readonly text: string;
}

function looksAtKeys(furtherKeys: readonly string[], patterns: readonly RegExp[]): (key: string) => SeenKey {
  const whole: ReadonlySet<string> = new Set([...SECRET_KEYS, ...furtherKeys.map(plain)]);
  const known = new Map<string, SeenKey>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const name = plain(key);
    const telling = whole.has(name) || SECRET_ENDINGS.some((ending) => name.endsWith(ending));
    const seen = { telling, text: redactText(key, patterns) };
    if (known.size < MAX_KNOWN_KEYS && key.length <= MAX_KNOWN_LENGTH) known.set(key, seen);
    return seen;
  };
}

function plain(key: string): string {
  return key.toLowerCase().replace(/[^a-z0-9]/g, '');
}
