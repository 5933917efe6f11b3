import { RevokedStamps } from './revoked-stamps.js';

/** As long, and about as many, as a worker itself remembers; it forgets when it restarts, and we do not. */
const REMEMBER_MS = 3 * 60 * 60 * 1000;
const MAX_IDS = 50_000;

/** Ids that were revoked before they ran: told again to every worker that joins later. */
export class RevokedIds {
  readonly stamps = new RevokedStamps();
  /** When each was revoked, monotonic; the oldest first. */
  readonly #ids = new Map<string, number>();

  add(id: string, now: number): void {
    this.#ids.delete(id);
    this.#ids.set(id, now);
    this.#tidy(now);
  }

  /** The task has ended by other means: revoking it again could overwrite its stored result. */
  forget(id: string): void {
    this.#ids.delete(id);
  }

  all(now: number): readonly string[] {
    this.#tidy(now);
    return [...this.#ids.keys()];
  }

  #tidy(now: number): void {
    for (const [id, at] of this.#ids) {
      if (this.#ids.size <= MAX_IDS && now - at < REMEMBER_MS) return;
      this.#ids.delete(id);
    }
  }
}
