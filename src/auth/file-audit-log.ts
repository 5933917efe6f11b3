import { appendFile, mkdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CHAIN_START, chained, fits, parseRecord } from './audit-chain.js';
import { type AuditEntry, AuditLog, type AuditQuery, type AuditRecord } from './audit-log.js';

const FILE = 'audit.jsonl';
const MAX_BYTES = 8 * 1024 * 1024;
/** With the one being written: at most 40 MiB on disk. */
const OLD_FILES = 4;
/** Beyond this the writing cannot keep up: what comes is dropped, and the drop is a record itself. */
const MAX_WAITING = 5000;

interface Link {
  readonly number: number;
  readonly hash: string;
}

/** One JSON object a line, only ever appended; files are rotated, the oldest is let go. */
export class FileAuditLog extends AuditLog {
  readonly #folder: string;
  readonly #complain: (message: string) => void;
  readonly #waiting: AuditEntry[] = [];
  #last: (Link & { readonly size: number }) | null = null;
  #dropped = 0;
  #writing: Promise<void> = Promise.resolve();
  #busy = false;

  constructor(folder: string, complain: (message: string) => void) {
    super();
    this.#folder = folder;
    this.#complain = complain;
  }

  override write(entry: AuditEntry): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push(entry);
    if (this.#busy) return;
    this.#busy = true;
    this.#writing = this.#drain();
  }

  override async read(
    query: AuditQuery,
  ): Promise<{ readonly records: readonly AuditRecord[]; readonly more: boolean }> {
    await this.#writing;
    const found: AuditRecord[] = [];
    for (let age = 0; age <= OLD_FILES; age += 1) {
      const records = await this.#recordsOf(age);
      for (const record of records.reverse()) {
        if (!fits(record, query)) continue;
        if (found.length === query.limit) return { records: found, more: true };
        found.push(record);
      }
    }
    return { records: found, more: false };
  }

  override async close(): Promise<void> {
    await this.#writing;
  }

  /** Every record that is kept, the oldest first. */
  async all(): Promise<readonly AuditRecord[]> {
    const files: (readonly AuditRecord[])[] = [];
    for (let age = OLD_FILES; age >= 0; age -= 1) files.push(await this.#recordsOf(age));
    return files.flat();
  }

  async #drain(): Promise<void> {
    try {
      while (this.#waiting.length > 0) await this.#append(this.#waiting.splice(0));
    } catch (error) {
      this.#complain(`audit: expected to write ${join(this.#folder, FILE)}, found: ${String(error)}`);
    } finally {
      this.#busy = false;
    }
  }

  async #append(entries: readonly AuditEntry[]): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    let last = await this.#lastRecord();
    const records: AuditRecord[] = [];
    for (const entry of this.#dropped > 0 ? [...entries, this.#confession()] : entries) {
      const record = chained(entry, last);
      records.push(record);
      last = record;
    }
    await this.#rotateIfFull();
    const text = records.map((record) => `${JSON.stringify(record)}\n`).join('');
    await appendFile(this.#path(0), text, { mode: 0o600 });
    this.#last = { ...last, size: await sizeOf(this.#path(0)) };
  }

  /** Says how many records are missing, and is dated by now: only then it is known. */
  #confession(): AuditEntry {
    const message = `${this.#dropped} records were dropped: they came faster than they could be written`;
    this.#dropped = 0;
    const nobody = { kind: null, who: null, from: '', path: '', asked: {}, workers: [] } as const;
    return { ...nobody, at: Date.now(), action: 'audit', outcome: 'failed', status: 0, message };
  }

  /** The command line writes here, too: after it the file is longer than we left it. */
  async #lastRecord(): Promise<Link> {
    if (this.#last !== null && this.#last.size === (await sizeOf(this.#path(0)))) return this.#last;
    for (let age = 0; age <= OLD_FILES; age += 1) {
      const last = (await this.#recordsOf(age)).at(-1);
      if (last !== undefined) return last;
    }
    return { number: 0, hash: CHAIN_START };
  }

  async #rotateIfFull(): Promise<void> {
    if ((await sizeOf(this.#path(0))) < MAX_BYTES) return;
    for (let age = OLD_FILES - 1; age >= 0; age -= 1) {
      if ((await sizeOf(this.#path(age))) > 0) await rename(this.#path(age), this.#path(age + 1));
    }
  }

  async #recordsOf(age: number): Promise<AuditRecord[]> {
    if ((await sizeOf(this.#path(age))) === 0) return [];
    const text = await readFile(this.#path(age), 'utf8');
    return text.split('\n').flatMap((line) => parseRecord(line) ?? []);
  }

  /** 0 for the file being written, 1 for the one before it. */
  #path(age: number): string {
    return join(this.#folder, age === 0 ? FILE : `${FILE}.${age}`);
  }
}

/** 0 where there is no such file. */
async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return 0;
    throw error;
  }
}
