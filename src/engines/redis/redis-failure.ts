/**
 * What a failing Redis means for us.
 * unreachable: no answer. auth: wrong or missing password. loading, busy, masterdown: it will answer later. readonly: a replica, after a
 * failover. oom: reads go on. denied: an ACL rule. maxclients: it is full. other: a command it does not know, or a bug.
 */
export const REDIS_FAILURES = [
  'unreachable',
  'auth',
  'loading',
  'busy',
  'masterdown',
  'readonly',
  'oom',
  'denied',
  'maxclients',
  'other',
] as const;
export type RedisFailure = (typeof REDIS_FAILURES)[number];

const BY_REPLY: readonly (readonly [RegExp, RedisFailure])[] = [
  [/^(WRONGPASS|NOAUTH)|invalid password|invalid username-password/i, 'auth'],
  [/^LOADING/, 'loading'],
  [/^(BUSY|TRYAGAIN|CLUSTERDOWN)/, 'busy'],
  [/^MASTERDOWN/, 'masterdown'],
  [/^READONLY/, 'readonly'],
  [/^OOM/, 'oom'],
  [/^NOPERM/, 'denied'],
  [/max number of clients/i, 'maxclients'],
];

// The last is what ioredis says to commands that were under way when the connection broke.
const NETWORK =
  /ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOENT|EPIPE|EACCES|certificate|TLS|SSL|timed out|Connection is closed|writeable|aborted|sentinels|slots cache|No answer|max retries per request/i;

export function failureOf(error: unknown): RedisFailure {
  const message = error instanceof Error ? error.message : String(error);
  for (const [pattern, failure] of BY_REPLY) if (pattern.test(message)) return failure;
  return NETWORK.test(message) ? 'unreachable' : 'other';
}

const SENTENCES: Readonly<Record<Exclude<RedisFailure, 'unreachable' | 'other'>, string>> = {
  auth: 'Redis refuses the user name or password',
  loading: 'Redis is loading its data from disk',
  busy: 'Redis is busy and refuses commands',
  masterdown: 'the replica has lost its master',
  readonly: 'the server is a read-only replica',
  oom: 'Redis is out of memory',
  denied: 'the access rules of Redis deny a command',
  maxclients: 'Redis accepts no more connections',
};

/** One sentence for the status of a source. Only the code of a network error is repeated, never a password or a payload. */
export function sentenceOf(error: unknown): string {
  const failure = failureOf(error);
  if (failure !== 'unreachable' && failure !== 'other') return SENTENCES[failure];
  const message = error instanceof Error ? error.message : String(error);
  return failure === 'unreachable'
    ? `no connection to Redis: ${message.slice(0, 200)}`
    : `Redis answered: ${message.slice(0, 200)}`;
}
