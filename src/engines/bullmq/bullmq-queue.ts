/** Name that some ports and old jobs carry where the application gave none. */
const DEFAULT_JOB_NAME = '__default__';

/** One BullMQ queue: how the library names its keys, and how we show it. */
export class BullmqQueue {
  /** What every key of the queue begins with, the last colon left out: `bull:emails`. */
  readonly key: string;
  readonly prefix: string;
  readonly name: string;
  /** The queue's name everywhere outside this folder. */
  readonly label: string;
  /** Name of a Node worker's connection; a named worker adds `:w:<name>`. */
  readonly clientName: string;
  readonly #taskNames = new Map<string, string>();

  constructor(prefix: string, name: string, label: string) {
    this.key = `${prefix}:${name}`;
    this.prefix = prefix;
    this.name = name;
    this.label = label;
    this.clientName = `${prefix}:${Buffer.from(name).toString('base64')}`;
  }

  at(part: string): string {
    return `${this.key}:${part}`;
  }

  taskId(jobId: string): string {
    return `${this.label}:${jobId}`;
  }

  /** Kept, as it is asked for with every event; a queue with ever new job names stays bounded. */
  taskName(jobName: string): string {
    const known = this.#taskNames.get(jobName);
    if (known !== undefined) return known;
    const made = jobName === DEFAULT_JOB_NAME || jobName === '' ? this.label : `${this.label}.${jobName}`;
    if (this.#taskNames.size < 1_000) this.#taskNames.set(jobName, made);
    return made;
  }
}
