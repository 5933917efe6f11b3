/**
 * A map that knows its oldest entry. A plain Map keeps a hole for each deleted entry until it is made anew, and whoever begins at its front
 * steps over all of them: with 40 000 entries some 50 µs each time. Here the place of the front is remembered, and finding it costs nothing.
 */
export class AgedMap<K, V> {
  readonly #map = new Map<K, V>();
  /** Everything it has passed is deleted, but for the front. */
  #rest = this.#map.keys();
  #front: { readonly key: K } | null = null;

  get size(): number {
    return this.#map.size;
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  /** A new key is the youngest; one that is there keeps its place. */
  set(key: K, value: V): void {
    this.#map.set(key, value);
  }

  delete(key: K): boolean {
    if (this.#front !== null && this.#front.key === key) this.#front = null;
    return this.#map.delete(key);
  }

  values(): IterableIterator<V> {
    return this.#map.values();
  }

  entries(): IterableIterator<[K, V]> {
    return this.#map.entries();
  }

  /** The value that has been there longest; undefined where there is none. */
  oldest(): V | undefined {
    const front = this.#find();
    return front === null ? undefined : this.#map.get(front.key);
  }

  /** Removes it. */
  dropOldest(): V | undefined {
    const front = this.#find();
    if (front === null) return undefined;
    const value = this.#map.get(front.key);
    this.delete(front.key);
    return value;
  }

  #find(): { readonly key: K } | null {
    if (this.#front !== null || this.#map.size === 0) return this.#front;
    let next = this.#rest.next();
    if (next.done === true) {
      // An iterator that has come to the end does not go on when something is added.
      this.#rest = this.#map.keys();
      next = this.#rest.next();
    }
    if (next.done !== true) this.#front = { key: next.value };
    return this.#front;
  }
}
