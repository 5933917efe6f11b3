import { BullmqQueue } from './bullmq-queue.js';

/** A task id taken apart: job ids and prefixes may hold colons, so there can be several readings. */
export interface TaskReference {
  readonly queue: BullmqQueue;
  readonly jobId: string;
}

const MAX_KEY = 512;

/**
 * The queues found so far.
 *
 * A queue is shown by its bare name. Where two prefixes hold the same name, the one found first keeps it and the other is shown as
 * `<prefix>:<name>`; a name once shown never changes while we run.
 */
export class BullmqQueueRegistry {
  readonly #byKey = new Map<string, BullmqQueue>();
  readonly #byLabel = new Map<string, BullmqQueue>();
  readonly #prefixes: readonly string[];

  /** `prefixes` are those stated in the settings; none means any. */
  constructor(prefixes: readonly string[]) {
    this.#prefixes = prefixes;
  }

  get size(): number {
    return this.#byKey.size;
  }

  all(): readonly BullmqQueue[] {
    return [...this.#byKey.values()];
  }

  get(key: string): BullmqQueue | undefined {
    return this.#byKey.get(key);
  }

  /** Idempotent; null for keys outside the stated prefixes and for those that cannot be a queue's. */
  add(key: string): BullmqQueue | null {
    const known = this.#byKey.get(key);
    if (known) return known;
    // From the right: BullMQ refuses names with a colon, a prefix may hold them.
    const colon = key.lastIndexOf(':');
    if (colon < 1 || colon === key.length - 1 || key.length > MAX_KEY) return null;
    const [prefix, name] = [key.slice(0, colon), key.slice(colon + 1)];
    if (this.#prefixes.length > 0 && !this.#prefixes.includes(prefix)) return null;
    const queue = new BullmqQueue(prefix, name, this.#byLabel.has(name) ? key : name);
    this.#byKey.set(key, queue);
    this.#byLabel.set(queue.label, queue);
    return queue;
  }

  remove(queue: BullmqQueue): void {
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

  /** The full id of the job behind a job's key, as flows store it: `<prefix>:<queue>:<job id>`. null where the queue is not known. */
  taskIdOfKey(jobKey: string): string | null {
    for (let at = jobKey.lastIndexOf(':'); at > 0; at = jobKey.lastIndexOf(':', at - 1)) {
      const queue = this.#byKey.get(jobKey.slice(0, at));
      if (queue) return queue.taskId(jobKey.slice(at + 1));
    }
    return null;
  }
}
