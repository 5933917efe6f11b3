/** Quick look first: nearly no text has a secret, and the expressions below cost more. */
const SUSPECT =
  /:\/\/|bearer|basic|pass|pwd|secret|token|api.?key|access.?key|private|credential|cookie|authorization|session|eyJ|AKIA|ASIA|AIza|gh[pousr]_|github_pat_|glpat-|xox[a-z]-|[sr]k_|npm_|sk-|SG\.|tsk_/i;

/** The ends of user and password are the first / and the last @ before it: passwords hold either unencoded more often than one should think. */
const URL_CREDENTIALS = /\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/@:]{0,256}:[^\s/]{1,512}@/gi;
const HEADER = /\b(bearer|basic)\s+[a-z0-9._~+/=-]{8,}/gi;
const PRIVATE_KEY = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]{0,16384}(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?/g;

/** Tokens that tell by their beginning what they are. */
const KNOWN_FORMS = [
  // JSON Web Tokens. Only where a word begins, or behind a hyphen near there: of `-eyJ-eyJ…` each would be followed to the end of the text.
  /(?<![A-Za-z0-9_-])(?:[A-Za-z0-9_-]{0,63}-)?eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)?/g,
  // Amazon, Google
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bAIza[A-Za-z0-9_-]{30,}/g,
  // GitHub, GitLab, Slack, Stripe, npm, OpenAI, SendGrid, our own
  /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,})/g,
  /\bxox[a-z]-[A-Za-z0-9-]{10,}/g,
  /\b[sr]k_(?:live|test)_[A-Za-z0-9]{10,}/g,
  /\bnpm_[A-Za-z0-9]{30,}/g,
  /\bsk-[A-Za-z0-9_-]{20,}/g,
  /\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}/g,
  /\btsk_[0-9a-f]{8}_[A-Za-z0-9_-]{20,}/g,
] as const;

/** `password=…`, `"api_key": "…"`, `'token': '…'` in messages, tracebacks and what Python writes of its values. */
const KEYED =
  /((?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|secret[_-]?key|credentials?|authorization|cookie|session[_-]?id)\\?["']?\s{0,4}[:=]\s{0,4})(?!["']?\[redacted\]|bearer\b|basic\b)(?:\\["'][^"'\\\n]{0,1024}|"[^"\n]{0,1024}"?|'[^'\n]{0,1024}'?|[^\s"',;&)}\]]{1,1024})/gi;

/** Takes what looks like a secret out of a text. Linear in its length: every repetition is bounded, or ends where the next part begins. */
export function redactSecrets(text: string, shown: string): string {
  if (text.length < 6 || !(SUSPECT.test(text) || text.includes('-----BEGIN'))) return text;
  let safe = text.replace(PRIVATE_KEY, shown).replace(URL_CREDENTIALS, `$1${shown}@`).replace(HEADER, `$1 ${shown}`);
  for (const form of KNOWN_FORMS) safe = safe.replace(form, shown);
  return safe.replace(KEYED, `$1${shown}`);
}
