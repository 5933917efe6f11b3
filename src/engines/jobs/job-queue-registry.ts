import type { JobQueue } from './job-queue.js';

/** A task id taken apart: ids, names and prefixes may hold colons, so there can be several readings. */
export interface JobReference<Q extends JobQueue> {
  readonly queue: Q;
  readonly jobId: string;
}

const MAX_KEY = 512;

/**
 * The queues found so far.
 *
 * A queue is shown by its bare name. Where two prefixes hold the same name, the one found first keeps it and the other is shown as
 * `<prefix>:<name>`; a name once shown never changes while we run. Discovery hands queues over in a fixed order (prefix `bull` first, then by
 * name), so that the same Redis gives the same names after a restart.
 */
export abstract class JobQueueRegistry<Q extends JobQueue> {
  readonly #byKey = new Map<string, Q>();
  readonly #byLabel = new Map<string, Q>();

  /** null for keys outside the stated prefixes, and for those that cannot be a queue's. */
  protected abstract split(key: string): readonly [prefix: string, name: string] | null;
  protected abstract make(prefix: string, name: string, label: string): Q;

  get size(): number {
    return this.#byKey.size;
  }

  all(): readonly Q[] {
    return [...this.#byKey.values()];
  }

  get(key: string): Q | undefined {
    return this.#byKey.get(key);
  }

  byLabel(label: string): Q | undefined {
    return this.#byLabel.get(label);
  }

  /** False for keys outside the stated prefixes, and for those that cannot be a queue's. */
  accepts(key: string): boolean {
    return key.length <= MAX_KEY && this.split(key) !== null;
  }

  /** Idempotent; null where `accepts` says no. */
  add(key: string): Q | null {
    const known = this.#byKey.get(key);
    if (known) return known;
    const parts = key.length <= MAX_KEY ? this.split(key) : null;
    if (!parts) return null;
    const [prefix, name] = parts;
    const queue = this.make(prefix, name, this.#byLabel.has(name) ? key : name);
    this.#byKey.set(key, queue);
    this.#byLabel.set(queue.label, queue);
    return queue;
  }

  remove(queue: Q): void {
    this.#byKey.delete(queue.key);
    this.#byLabel.delete(queue.label);
  }

  /** Every known queue whose task this id may name, the longest queue name first. */
  readings(id: string): readonly JobReference<Q>[] {
    const found: JobReference<Q>[] = [];
    for (let at = id.lastIndexOf(':'); at > 0; at = id.lastIndexOf(':', at - 1)) {
      const queue = this.#byLabel.get(id.slice(0, at));
      const jobId = id.slice(at + 1);
      if (queue && jobId !== '') found.push({ queue, jobId });
    }
    return found;
  }
}
