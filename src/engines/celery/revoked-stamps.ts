/** As long as a worker itself remembers. */
const REMEMBER_MS = 3 * 60 * 60 * 1000;
const MAX_VALUES = 10_000;

/** Stamps whose tasks are not to run: told again to every worker that joins later. */
export class RevokedStamps {
  /** When each was revoked, monotonic, by name and value; the oldest first. */
  readonly #stamps = new Map<string, { readonly name: string; readonly value: string; readonly at: number }>();

  add(stamps: Readonly<Record<string, readonly string[]>>, now: number): void {
    for (const [name, values] of Object.entries(stamps)) {
      for (const value of values) {
        const key = JSON.stringify([name, value]);
        this.#stamps.delete(key);
        this.#stamps.set(key, { name, value, at: now });
      }
    }
    this.#tidy(now);
  }

  /** Values by name; null where there are none. */
  all(now: number): Readonly<Record<string, readonly string[]>> | null {
    this.#tidy(now);
    const byName = new Map<string, string[]>();
    for (const { name, value } of this.#stamps.values()) {
      const values = byName.get(name);
      if (values === undefined) byName.set(name, [value]);
      else values.push(value);
    }
    return byName.size === 0 ? null : Object.fromEntries(byName);
  }

  #tidy(now: number): void {
    for (const [key, { at }] of this.#stamps) {
      if (this.#stamps.size <= MAX_VALUES && now - at < REMEMBER_MS) return;
      this.#stamps.delete(key);
    }
  }
}
