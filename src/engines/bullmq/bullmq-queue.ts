import { JobQueue } from '../jobs/job-queue.js';

export class BullmqQueue extends JobQueue {
  /** Name of a Node worker's connection; a named worker adds `:w:<name>`. */
  readonly clientName: string;

  constructor(prefix: string, name: string, label: string) {
    super(prefix, name, label);
    this.clientName = `${prefix}:${Buffer.from(name).toString('base64')}`;
  }
}
