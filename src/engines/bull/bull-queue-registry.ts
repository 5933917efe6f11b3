import { JobQueueRegistry, type JobReference } from '../jobs/job-queue-registry.js';
import { BullQueue } from './bull-queue.js';

export type TaskReference = JobReference<BullQueue>;

export class BullQueueRegistry extends JobQueueRegistry<BullQueue> {
  readonly #prefixes: readonly string[];

  /** `prefixes` are those stated in the settings; without them the first part of a key is taken for the prefix. */
  constructor(prefixes: readonly string[]) {
    super();
    this.#prefixes = [...prefixes].sort((a, b) => b.length - a.length);
  }

  protected override split(key: string): readonly [prefix: string, name: string] | null {
    if (this.#prefixes.length > 0) {
      const prefix = this.#prefixes.find((stated) => key.startsWith(`${stated}:`));
      return prefix === undefined ? null : [prefix, key.slice(prefix.length + 1)];
    }
    const colon = key.indexOf(':');
    if (colon < 1 || colon === key.length - 1) return null;
    return [key.slice(0, colon), key.slice(colon + 1)];
  }

  protected override make(prefix: string, name: string, label: string): BullQueue {
    return new BullQueue(prefix, name, label);
  }
}
