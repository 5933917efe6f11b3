import { type AuditEntry, AuditLog, type AuditQuery, type AuditRecord } from './auth/audit-log.js';
import type { ControlAction } from './core/history-store.js';

/** The audit, which also tells the history what people have done or tried to do. */
export class ToldAuditLog extends AuditLog {
  readonly #audit: AuditLog;
  readonly #tell: (action: ControlAction) => void;

  constructor(audit: AuditLog, tell: (action: ControlAction) => void) {
    super();
    this.#audit = audit;
    this.#tell = tell;
  }

  override write(entry: AuditEntry): void {
    this.#audit.write(entry);
    const { from: address, action: operation, ...same } = entry;
    this.#tell({ ...same, address, operation });
  }

  override read(query: AuditQuery): Promise<{ readonly records: readonly AuditRecord[]; readonly more: boolean }> {
    return this.#audit.read(query);
  }

  override close(): Promise<void> {
    return this.#audit.close();
  }
}
