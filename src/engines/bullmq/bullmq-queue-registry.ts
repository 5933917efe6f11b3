import { JobQueueRegistry, type JobReference } from '../jobs/job-queue-registry.js';
import { BullmqQueue } from './bullmq-queue.js';

export type TaskReference = JobReference<BullmqQueue>;

export class BullmqQueueRegistry extends JobQueueRegistry<BullmqQueue> {
  readonly #prefixes: readonly string[];

  /** `prefixes` are those stated in the settings; none means any. */
  constructor(prefixes: readonly string[]) {
    super();
    this.#prefixes = prefixes;
  }

  /** The full id of the job behind a job's key, as flows store it: `<prefix>:<queue>:<job id>`. null where the queue is not known. */
  taskIdOfKey(jobKey: string): string | null {
    for (let at = jobKey.lastIndexOf(':'); at > 0; at = jobKey.lastIndexOf(':', at - 1)) {
      const queue = this.get(jobKey.slice(0, at));
      if (queue) return queue.taskId(jobKey.slice(at + 1));
    }
    return null;
  }

  /** From the right: BullMQ refuses names with a colon, a prefix may hold them. */
  protected override split(key: string): readonly [prefix: string, name: string] | null {
    const colon = key.lastIndexOf(':');
    if (colon < 1 || colon === key.length - 1) return null;
    const [prefix, name] = [key.slice(0, colon), key.slice(colon + 1)];
    return this.#prefixes.length > 0 && !this.#prefixes.includes(prefix) ? null : [prefix, name];
  }

  protected override make(prefix: string, name: string, label: string): BullmqQueue {
    return new BullmqQueue(prefix, name, label);
  }
}
