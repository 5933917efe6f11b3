import { AgedMap } from '../../core/aged-map.js';
import type { Lineage, Lineages } from '../jobs/job-payloads.js';
import type { RedisLink } from '../redis/redis-link.js';
import { textOf } from '../redis/redis-reply.js';
import type { BullmqQueueRegistry } from './bullmq-queue-registry.js';

const MAX_DEPTH = 20;
const MAX_KEY = 1_024;
const MAX_KNOWN = 10_000;

/** Who is above jobs, as full task ids: of many at once, one round trip per generation that is not known yet. Most jobs have no parent and cost nothing. */
export class BullmqLineages implements Lineages {
  readonly #link: RedisLink;
  readonly #registry: BullmqQueueRegistry;
  /** The parent of a job that is one itself, by keys; null: it has none. It never changes. */
  readonly #parents = new AgedMap<string, string | null>();

  constructor(link: RedisLink, registry: BullmqQueueRegistry) {
    this.#link = link;
    this.#registry = registry;
  }

  async of(parentKeys: readonly (string | null)[]): Promise<readonly Lineage[]> {
    const bounded = parentKeys.map((key) => (key === null || key.length > MAX_KEY ? null : key));
    const above = new Set(bounded.filter((key) => key !== null));
    for (let depth = 0; depth < MAX_DEPTH && above.size > 0; depth += 1) await this.#climb(above);
    return bounded.map((key) =>
      key === null
        ? { parentId: null, rootId: null }
        : { parentId: this.#idOf(key), rootId: this.#idOf(this.#rootOf(key)) },
    );
  }

  /** Puts those in their place that are above these. */
  async #climb(keys: Set<string>): Promise<void> {
    const unknown = [...keys].filter((key) => !this.#parents.has(key));
    const replies = await this.#link.batch(unknown.map((key) => ['HGET', key, 'parentKey']));
    for (const [nth, key] of unknown.entries()) this.#keep(key, textOf(replies[nth]));
    const next = [...keys].map((key) => this.#parents.get(key) ?? null).filter((key) => key !== null);
    keys.clear();
    for (const key of next) keys.add(key);
  }

  #keep(key: string, parent: string | null): void {
    this.#parents.set(key, parent === null || parent === '' || parent.length > MAX_KEY ? null : parent);
    if (this.#parents.size > MAX_KNOWN) this.#parents.dropOldest();
  }

  #rootOf(key: string): string {
    let root = key;
    for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
      const above = this.#parents.get(root) ?? null;
      if (above === null) break;
      root = above;
    }
    return root;
  }

  /** A queue that has not been found yet is called by its key. */
  #idOf(jobKey: string): string {
    return this.#registry.taskIdOfKey(jobKey) ?? jobKey;
  }
}
