import { BullQueue } from './bull-queue.js';

/** A task id taken apart: ids and names may both hold colons, so there can be several readings. */
export interface TaskReference {
  readonly queue: BullQueue;
  readonly jobId: string;
}

/**
 * The queues found so far.
 *
 * A queue is shown by its bare name. Where two prefixes hold the same name, the one found first keeps it and the other is shown as
 * `<prefix>:<name>`; a name once shown never changes while we run. Discovery hands queues over in a fixed order (prefix `bull` first, then by
 * name), so that the same Redis gives the same names after a restart.
 */
export class BullQueueRegistry {
  readonly #byKey = new Map<string, BullQueue>();
  readonly #byLabel = new Map<string, BullQueue>();
  readonly #prefixes: readonly string[];

  /** `prefixes` are those stated in the settings; without them the first part of a key is taken for the prefix. */
  constructor(prefixes: readonly string[]) {
    this.#prefixes = [...prefixes].sort((a, b) => b.length - a.length);
  }

  get size(): number {
    return this.#byKey.size;
  }

  all(): readonly BullQueue[] {
    return [...this.#byKey.values()];
  }

  get(key: string): BullQueue | undefined {
    return this.#byKey.get(key);
  }

  byLabel(label: string): BullQueue | undefined {
    return this.#byLabel.get(label);
  }

  /** False for keys outside the stated prefixes, and for those that cannot be a queue's. */
  accepts(key: string): boolean {
    return key.length <= 512 && this.#split(key) !== null;
  }

  /** Idempotent; null where `accepts` says no. */
  add(key: string): BullQueue | null {
    const known = this.#byKey.get(key);
    if (known) return known;
    const parts = key.length <= 512 ? this.#split(key) : null;
    if (!parts) return null;
    const [prefix, name] = parts;
    const queue = new BullQueue(prefix, name, this.#byLabel.has(name) ? key : name);
    this.#byKey.set(key, queue);
    this.#byLabel.set(queue.label, queue);
    return queue;
  }

  remove(queue: BullQueue): void {
    this.#byKey.delete(queue.key);
    this.#byLabel.delete(queue.label);
  }

  /** Every known queue whose task this id may name, the longest queue name first. */
  readings(id: string): readonly TaskReference[] {
    const found: TaskReference[] = [];
    for (let at = id.lastIndexOf(':'); at > 0; at = id.lastIndexOf(':', at - 1)) {
      const queue = this.#byLabel.get(id.slice(0, at));
      const jobId = id.slice(at + 1);
      if (queue && jobId !== '') found.push({ queue, jobId });
    }
    return found;
  }

  #split(key: string): readonly [prefix: string, name: string] | null {
    if (this.#prefixes.length > 0) {
      const prefix = this.#prefixes.find((stated) => key.startsWith(`${stated}:`));
      return prefix === undefined ? null : [prefix, key.slice(prefix.length + 1)];
    }
    const colon = key.indexOf(':');
    if (colon < 1 || colon === key.length - 1) return null;
    return [key.slice(0, colon), key.slice(colon + 1)];
  }
}
