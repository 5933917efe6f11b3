import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../core/clock.js';
import { type Principal, principalKey } from './principal.js';

export interface Session {
  readonly principal: Principal;
  readonly createdAt: number;
  lastSeenAt: number;
}

export interface SessionLimits {
  readonly idleMs: number;
  readonly absoluteMs: number;
}

/** Bounds of memory: about 1 KB each. */
const MAX_SESSIONS = 10_000;
const MAX_PER_PRINCIPAL = 20;

/**
 * Who has signed in. Sessions live in memory: a restart signs everybody out. Kept under the hash of their id, so that a dump of the memory
 * gives nobody a session.
 */
export class SessionStore {
  readonly #clock: Clock;
  readonly #limits: SessionLimits;
  readonly #sessions = new Map<string, Session>();

  constructor(clock: Clock, limits: SessionLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** A new session under an id that nobody has seen before. Beyond the bounds the one unused for longest goes. O(sessions). */
  begin(principal: Principal): string {
    this.#dropExpired();
    const own = [...this.#sessions].filter(
      ([, session]) => principalKey(session.principal) === principalKey(principal),
    );
    if (own.length >= MAX_PER_PRINCIPAL) this.#dropOldest(own);
    if (this.#sessions.size >= MAX_SESSIONS) this.#dropOldest([...this.#sessions]);
    const id = randomBytes(32).toString('base64url');
    const now = this.#clock.now();
    this.#sessions.set(keyOf(id), { principal, createdAt: now, lastSeenAt: now });
    return id;
  }

  /** The session of an id, now used; null where there is none or it has expired. */
  use(id: string): Session | null {
    const key = keyOf(id);
    const session = this.#sessions.get(key);
    if (session === undefined) return null;
    if (this.#expired(session)) {
      this.#sessions.delete(key);
      return null;
    }
    session.lastSeenAt = this.#clock.now();
    return session;
  }

  /** Epoch milliseconds at which the session ends if it is not used again. */
  endsAt(session: Session): number {
    return Math.min(session.lastSeenAt + this.#limits.idleMs, session.createdAt + this.#limits.absoluteMs);
  }

  end(id: string): void {
    this.#sessions.delete(keyOf(id));
  }

  #expired(session: Session): boolean {
    return this.endsAt(session) <= this.#clock.now();
  }

  #dropExpired(): void {
    for (const [key, session] of this.#sessions) if (this.#expired(session)) this.#sessions.delete(key);
  }

  #dropOldest(among: readonly (readonly [string, Session])[]): void {
    const [first, ...others] = among;
    if (first === undefined) return;
    const oldest = others.reduce((a, b) => (b[1].lastSeenAt < a[1].lastSeenAt ? b : a), first);
    this.#sessions.delete(oldest[0]);
  }
}

function keyOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url');
}
