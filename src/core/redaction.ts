/** What stands for a value that must not be shown. */
export const REDACTED = '[redacted]';

const SECRET_KEYS = [
  'password',
  'passwd',
  'pwd',
  'secret',
  'token',
  'apikey',
  'authorization',
  'auth',
  'cookie',
  'credential',
  'credentials',
  'privatekey',
  'accesskey',
  'secretkey',
  'clientsecret',
  'accesstoken',
  'refreshtoken',
  'sessionid',
  'creditcard',
  'cardnumber',
  'cvv',
  'ssn',
] as const;

const URL_CREDENTIALS = /\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/@:]*:[^\s/@]+@/gi;
const BEARER = /\b(bearer|basic)\s+[a-z0-9._~+/=-]{8,}/gi;
const MAX_DEPTH = 64;

export type Redactor = (value: unknown) => unknown;

/**
 * Makes the function that takes secrets out of whatever comes from a broker, before it is kept anywhere: values under telling keys, and
 * credentials in URLs and authorisation headers inside text. Returns the very same value where there was nothing to take out.
 */
export function redactor(furtherKeys: readonly string[] = []): Redactor {
  const keys = new Set([...SECRET_KEYS, ...furtherKeys].map(plain));

  const redact = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string') return redactText(value);
    if (typeof value !== 'object' || value === null) return value;
    if (depth >= MAX_DEPTH) return '[nested too deeply]';
    if (Array.isArray(value)) {
      const list = value.map((item) => redact(item, depth + 1));
      return list.some((item, at) => item !== value[at]) ? list : value;
    }
    let changed = false;
    const entries = Object.entries(value).map(([key, item]: [string, unknown]): [string, unknown] => {
      const shown = keys.has(plain(key)) && item !== null ? REDACTED : redact(item, depth + 1);
      if (shown !== item) changed = true;
      return [key, shown];
    });
    // fromEntries defines properties, so that a key named __proto__ stays an ordinary key.
    return changed ? Object.fromEntries(entries) : value;
  };
  return (value) => redact(value, 0);
}

export function redactText(text: string): string {
  if (text.length < 8 || !/:\/\/|bearer|basic/i.test(text)) return text;
  return text.replace(URL_CREDENTIALS, `$1${REDACTED}@`).replace(BEARER, `$1 ${REDACTED}`);
}

function plain(key: string): string {
  return key.toLowerCase().replace(/[^a-z0-9]/g, '');
}
