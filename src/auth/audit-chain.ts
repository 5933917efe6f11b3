import { createHash } from 'node:crypto';
import { AUDIT_OUTCOMES, type AuditEntry, type AuditedWorker, type AuditQuery, type AuditRecord } from './audit-log.js';
import { PRINCIPAL_KINDS } from './principal.js';

/** Hash of the record before the first. */
export const CHAIN_START = '0'.repeat(43);

export function chained(entry: AuditEntry, last: { readonly number: number; readonly hash: string }): AuditRecord {
  const number = last.number + 1;
  return { number, ...entry, hash: hashOf({ number, ...entry }, last.hash) };
}

/** The number of the first record that is not what was written, or is missing; null where the chain holds. */
export function brokenAt(records: readonly AuditRecord[]): number | null {
  let before: { readonly number: number; readonly hash: string } | null =
    records[0]?.number === 1 ? { number: 0, hash: CHAIN_START } : null;
  for (const record of records) {
    const { hash, ...content } = record;
    // What stood before the oldest record that is still kept has been rotated away: its number is believed.
    if (before !== null && (record.number !== before.number + 1 || hash !== hashOf(content, before.hash))) {
      return record.number;
    }
    before = record;
  }
  return null;
}

function hashOf(content: Omit<AuditRecord, 'hash'>, before: string): string {
  return createHash('sha256').update(before).update(JSON.stringify(content)).digest('base64url');
}

export function fits(record: AuditRecord, query: AuditQuery): boolean {
  return (
    (query.before === null || record.number < query.before) &&
    (query.who === null || record.who === query.who) &&
    (query.action === null || record.action === query.action) &&
    (query.outcome === null || record.outcome === query.outcome)
  );
}

/** A line of the file; null where it is none, such as the half of one that a crash left. */
export function parseRecord(line: string): AuditRecord | null {
  const value = parse(line);
  if (typeof value !== 'object' || value === null) return null;
  const found: Readonly<Record<string, unknown>> = { ...value };
  const { number, at, who, from, action, path, status, message, hash, asked, workers } = found;
  const kind = PRINCIPAL_KINDS.find((known) => known === found.kind) ?? null;
  const outcome = AUDIT_OUTCOMES.find((known) => known === found.outcome);
  if (typeof number !== 'number' || typeof at !== 'number' || typeof status !== 'number') return null;
  if (typeof from !== 'string' || typeof action !== 'string' || typeof path !== 'string') return null;
  if (typeof hash !== 'string' || outcome === undefined || typeof asked !== 'object' || asked === null) return null;
  return {
    number,
    at,
    kind,
    who: typeof who === 'string' ? who : null,
    from,
    action,
    path,
    asked: { ...asked },
    outcome,
    status,
    message: typeof message === 'string' ? message : null,
    workers: Array.isArray(workers) ? workers.filter(isWorker) : [],
    hash,
  };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isWorker(value: unknown): value is AuditedWorker {
  return typeof value === 'object' && value !== null && 'worker' in value && 'answer' in value && 'message' in value;
}
