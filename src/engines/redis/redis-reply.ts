/** Small readers of what Redis answers: everything is `unknown` until one of these has named it. */

export function textOf(reply: unknown): string | null {
  return typeof reply === 'string' ? reply : null;
}

export function listOf(reply: unknown): readonly unknown[] {
  return Array.isArray(reply) ? reply : [];
}

export function textsOf(reply: unknown): readonly string[] {
  return listOf(reply).filter((item) => typeof item === 'string');
}

/** An integer reply, or a string that spells a finite number; null for anything else, an error included. */
export function numberOf(reply: unknown): number | null {
  if (typeof reply === 'number') return Number.isFinite(reply) ? reply : null;
  if (typeof reply !== 'string' || reply === '') return null;
  const value = Number(reply);
  return Number.isFinite(value) ? value : null;
}

/** A count that must be there; an error or a missing key counts as none. */
export function countOf(reply: unknown): number {
  return numberOf(reply) ?? 0;
}

/** Members with their scores, as ZRANGE … WITHSCORES answers. */
export function scoredOf(reply: unknown): readonly { readonly member: string; readonly score: number }[] {
  const flat = listOf(reply);
  const pairs: { member: string; score: number }[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const member = textOf(flat[i]);
    const score = numberOf(flat[i + 1]);
    if (member !== null && score !== null) pairs.push({ member, score });
  }
  return pairs;
}

/** Fields and values, as HGETALL answers through a pipeline or through call(). */
export function hashOf(reply: unknown): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  if (Array.isArray(reply)) {
    for (let i = 0; i + 1 < reply.length; i += 2) {
      const name = textOf(reply[i]);
      const value = textOf(reply[i + 1]);
      if (name !== null && value !== null) fields.set(name, value);
    }
  } else if (typeof reply === 'object' && reply !== null && !(reply instanceof Error)) {
    for (const [name, value] of Object.entries(reply)) if (typeof value === 'string') fields.set(name, value);
  }
  return fields;
}
