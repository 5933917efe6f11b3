/** What Bull publishes and we listen to. `drained` is left out: one message per idle worker slot, and it says nothing. */
export const CHANNEL_KINDS = [
  'active',
  'waiting',
  'stalled',
  'duplicated',
  'debounced',
  'completed',
  'failed',
  'progress',
  'delayed',
] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];

/** Kinds whose channel ends with `@` and the publisher's lock token. */
const WITH_TOKEN: ReadonlySet<ChannelKind> = new Set(['active', 'waiting', 'stalled', 'duplicated', 'debounced']);

export interface ChannelPattern {
  readonly pattern: string;
  readonly kind: ChannelKind;
}

/**
 * Patterns to subscribe to: any prefix where none is stated. Redis tries every pattern on every message published on the server, so they are
 * as few as can be.
 */
export function channelPatterns(prefixes: readonly string[]): readonly ChannelPattern[] {
  const starts = prefixes.length > 0 ? prefixes.map((prefix) => `${escapeGlob(prefix)}:`) : [''];
  return starts.flatMap((start) =>
    CHANNEL_KINDS.map((kind) => ({ kind, pattern: `${start}*:${kind}${WITH_TOKEN.has(kind) ? '@*' : ''}` })),
  );
}

/** The queue's key and the token of a channel of a known kind; null where the channel only looks like one. */
export function readChannel(
  kind: ChannelKind,
  channel: string,
): { readonly key: string; readonly token: string } | null {
  if (!WITH_TOKEN.has(kind)) {
    const end = channel.length - kind.length - 1;
    return end > 0 && channel.endsWith(`:${kind}`) ? { key: channel.slice(0, end), token: '' } : null;
  }
  // From the right: a queue's name may hold anything, a token never holds @.
  const at = channel.lastIndexOf('@');
  const end = at - kind.length - 1;
  if (end <= 0 || !channel.startsWith(`:${kind}`, end)) return null;
  return { key: channel.slice(0, end), token: channel.slice(at + 1) };
}

export function escapeGlob(text: string): string {
  return text.replace(/[*?[\]^\\]/g, '\\$&');
}
