import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../core/errors.js';
import { PERMISSIONS } from '../core/permissions.js';
import { type ApiToken, TokenStore } from './api-token.js';

const FILE = 'tokens.json';
/** The file is looked at again this long after the last look: a revocation by the command line takes effect within it. */
const LOOK_EVERY_MS = 1000;
const LOCK_STALE_MS = 10_000;
const LOCK_TRIES = 100;
const MAX_TOKENS = 10_000;

const names = z.array(z.string()).nullable();
const fileSchema = z.strictObject({
  version: z.literal(1),
  tokens: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      role: z.string().nullable(),
      permissions: z.array(z.enum(PERMISSIONS)),
      actions: names,
      sources: names,
      queues: names,
      createdAt: z.number(),
      createdBy: z.string(),
      expiresAt: z.number(),
      hash: z.string(),
    }),
  ),
});

/**
 * Tokens in a file that only its owner may read. The running service and the command line share it: each change is made under a lock, to
 * the newest content, and replaces the file as a whole.
 */
export class FileTokenStore extends TokenStore {
  readonly #folder: string;
  readonly #path: string;
  #tokens: ReadonlyMap<string, ApiToken> = new Map();
  #seen = '';
  #lookedAt = Number.NEGATIVE_INFINITY;

  /** Throws where the file is there and cannot be used: a service that silently forgot its tokens would lock everybody out. */
  constructor(folder: string) {
    super();
    this.#folder = folder;
    this.#path = join(folder, FILE);
    this.#look();
  }

  override list(): readonly ApiToken[] {
    this.#look();
    return [...this.#tokens.values()].sort((a, b) => b.createdAt - a.createdAt);
  }

  override find(id: string): ApiToken | null {
    if (performance.now() - this.#lookedAt > LOOK_EVERY_MS) this.#look();
    return this.#tokens.get(id) ?? null;
  }

  override async add(token: ApiToken): Promise<void> {
    await this.#change((tokens) => {
      if (tokens.size >= MAX_TOKENS) throw new Error(`expected at most ${MAX_TOKENS} tokens: revoke some first`);
      tokens.set(token.id, token);
    });
  }

  override async remove(id: string): Promise<ApiToken | null> {
    let removed: ApiToken | null = null;
    await this.#change((tokens) => {
      removed = tokens.get(id) ?? null;
      tokens.delete(id);
    });
    return removed;
  }

  /** Reads the file where it is another than the one last read. */
  #look(): void {
    this.#lookedAt = performance.now();
    const found = stateOf(this.#path);
    if (found === this.#seen) return;
    this.#tokens = found === '' ? new Map() : read(this.#path);
    this.#seen = found;
  }

  async #change(change: (tokens: Map<string, ApiToken>) => void): Promise<void> {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const unlock = await lock(`${this.#path}.lock`);
    try {
      this.#look();
      const tokens = new Map(this.#tokens);
      change(tokens);
      await replace(this.#path, `${JSON.stringify({ version: 1, tokens: [...tokens.values()] }, null, 2)}\n`);
      this.#look();
    } finally {
      await unlock();
    }
  }
}

/** What tells one version of a file from the next: each is a file of its own. Empty where there is none. */
function stateOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? '' : `${found.ino}:${found.mtimeMs}:${found.size}`;
}

function read(path: string): ReadonlyMap<string, ApiToken> {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`${path}: expected a readable file of tokens, found: ${messageOf(error)}`);
  }
  const parsed = fileSchema.safeParse(content);
  if (!parsed.success) throw new Error(`${path}: expected a file of tokens, found: ${z.prettifyError(parsed.error)}`);
  return new Map(parsed.data.tokens.map((token) => [token.id, token]));
}

/** A reader sees the old file or the new one, never half of one; after a power cut, too. */
async function replace(path: string, text: string): Promise<void> {
  const fresh = `${path}.${randomBytes(4).toString('hex')}`;
  const file = await open(fresh, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
}

/** Another process may be changing the file. A lock that is older than any change takes was left by a crash. */
async function lock(path: string): Promise<() => Promise<void>> {
  for (let tries = 0; tries < LOCK_TRIES; tries += 1) {
    try {
      await (await open(path, 'wx', 0o600)).close();
      return () => rm(path, { force: true });
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
      await dropIfStale(path);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error(`${path}: expected the lock to be free within 5 s; delete it if nothing else changes tokens`);
}

async function dropIfStale(path: string): Promise<void> {
  try {
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > LOCK_STALE_MS) await rm(path, { force: true });
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
