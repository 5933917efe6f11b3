import type { Principal } from './principal.js';

export const AUDIT_OUTCOMES = ['allowed', 'refused', 'failed'] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

/** What one worker answered. */
export interface AuditedWorker {
  readonly worker: string;
  readonly answer: string;
  readonly message: string | null;
}

/** Who did, or tried to do, what. */
export interface AuditEntry {
  /** Epoch milliseconds. */
  readonly at: number;
  /** null: nobody had signed in. */
  readonly kind: Principal['kind'] | null;
  readonly who: string | null;
  /** Address the request came from. */
  readonly from: string;
  /** operationId of the handler; the method alone where the request never reached one. */
  readonly action: string;
  /** Path, and what was asked for there: parameters and body, secrets removed, cut. */
  readonly path: string;
  readonly asked: Readonly<Record<string, unknown>>;
  /** allowed: it was done as the status says. refused: by a rule of this service. failed: it was allowed and did not work. */
  readonly outcome: AuditOutcome;
  readonly status: number;
  /** What was done or why not, in one sentence. */
  readonly message: string | null;
  readonly workers: readonly AuditedWorker[];
}

export interface AuditRecord extends AuditEntry {
  /** 1 for the first; each record has the next number. */
  readonly number: number;
  /** SHA-256 over the record before and this one: a record that is changed or taken out breaks the chain. */
  readonly hash: string;
}

export interface AuditQuery {
  readonly limit: number;
  /** Only records with a smaller number. */
  readonly before: number | null;
  readonly who: string | null;
  readonly action: string | null;
  readonly outcome: AuditOutcome | null;
}

/** PORT. Keeps the audit. */
export abstract class AuditLog {
  /** Never throws: what cannot be written is said in the log and counted there. */
  abstract write(entry: AuditEntry): void;

  /** The newest first. `more`: older ones match, too. */
  abstract read(query: AuditQuery): Promise<{ readonly records: readonly AuditRecord[]; readonly more: boolean }>;

  /** Resolves when everything is written. */
  abstract close(): Promise<void>;
}
