/** The records in a list that is a member of a parsed document; empty where there is no such list. */
export function recordsOf(value: unknown, member: string): readonly Record<string, unknown>[] {
  const list: unknown = isRecord(value) ? value[member] : undefined;
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
