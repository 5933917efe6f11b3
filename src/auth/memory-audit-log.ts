import { CHAIN_START, chained, fits } from './audit-chain.js';
import { type AuditEntry, AuditLog, type AuditQuery, type AuditRecord } from './audit-log.js';

const MAX_RECORDS = 5000;

/** For a service that keeps nothing on disk. */
export class MemoryAuditLog extends AuditLog {
  readonly #records: AuditRecord[] = [];

  override write(entry: AuditEntry): void {
    this.#records.push(chained(entry, this.#records.at(-1) ?? { number: 0, hash: CHAIN_START }));
    if (this.#records.length > MAX_RECORDS) this.#records.shift();
  }

  override async read(
    query: AuditQuery,
  ): Promise<{ readonly records: readonly AuditRecord[]; readonly more: boolean }> {
    const found = this.#records.filter((record) => fits(record, query)).reverse();
    return { records: found.slice(0, query.limit), more: found.length > query.limit };
  }

  override async close(): Promise<void> {}
}
