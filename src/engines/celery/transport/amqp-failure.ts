const BY_TEXT: readonly (readonly [RegExp, string])[] = [
  [
    /ACCESS_REFUSED.*(login|authentication)|403.*login|Handshake terminated by server: 403/i,
    'the broker refuses the user name or password',
  ],
  [/ACCESS_REFUSED/i, 'the access rules of the broker deny an operation'],
  [/NOT_ALLOWED.*vhost|vhost .* not found|530/i, 'the broker has no such virtual host, or does not let us in'],
  [/CONNECTION_FORCED/i, 'the broker was told to close the connection'],
  [/Heartbeat timeout/i, 'the broker has gone silent'],
];

/** One sentence for the status of a source; never a password, as the client's messages hold none. */
export function amqpSentence(error: unknown): string {
  const message =
    error instanceof Error ? error.message || String(Reflect.get(error, 'code') ?? error.name) : String(error);
  for (const [pattern, sentence] of BY_TEXT) if (pattern.test(message)) return sentence;
  return `no connection to the broker: ${message.slice(0, 200)}`;
}

/** The reply code of a channel that the broker has closed: 404, 405 … */
export function amqpCode(error: unknown): number | null {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : null;
  return typeof code === 'number' ? code : null;
}
