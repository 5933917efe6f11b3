import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Permission } from './permission.decorator.js';

/** What is kept of a token: never the token itself. Times are epoch milliseconds. */
export interface ApiToken {
  /** Eight hexadecimal digits, which are also in the token. */
  readonly id: string;
  readonly name: string;
  readonly role: string | null;
  readonly permissions: readonly Permission[];
  readonly actions: readonly string[] | null;
  readonly sources: readonly string[] | null;
  readonly queues: readonly string[] | null;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt: number;
  /** SHA-256 of the whole token, base64url: it has 256 random bits, so that nothing slower is needed. */
  readonly hash: string;
}

export type TokenWish = Omit<ApiToken, 'id' | 'hash'>;

/** PORT. Where tokens are kept. */
export abstract class TokenStore {
  /** Those not yet forgotten, the newest first. */
  abstract list(): readonly ApiToken[];

  abstract find(id: string): ApiToken | null;

  abstract add(token: ApiToken): Promise<void>;

  /** The token that was removed; null where there is none of that id. */
  abstract remove(id: string): Promise<ApiToken | null>;
}

const FORMAT = /^tsk_([0-9a-f]{8})_([A-Za-z0-9_-]{43})$/;

/** The token, which is shown once, and what is kept of it. */
export function makeToken(wish: TokenWish): { readonly text: string; readonly token: ApiToken } {
  const id = randomBytes(4).toString('hex');
  const text = `tsk_${id}_${randomBytes(32).toString('base64url')}`;
  return { text, token: { ...wish, id, hash: digest(text).toString('base64url') } };
}

/** The token that a text is; null where it is none, or of no use any more. Takes the same time whether or not the id exists. */
export function tokenOf(text: string, store: TokenStore, now: number): ApiToken | null {
  const id = FORMAT.exec(text)?.[1];
  if (id === undefined) return null;
  const token = store.find(id);
  const kept = token === null ? Buffer.alloc(32) : Buffer.from(token.hash, 'base64url');
  const same = kept.length === 32 && timingSafeEqual(digest(text), kept);
  return token !== null && same && token.expiresAt > now ? token : null;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
