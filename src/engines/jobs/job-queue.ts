/** Job name that the libraries store where the application gave none. */
const DEFAULT_JOB_NAME = '__default__';

/** One queue of Bull or BullMQ: how the library names its keys, and how we show it. */
export class JobQueue {
  /** What every key of the queue begins with, the last colon left out: `bull:emails`. */
  readonly key: string;
  readonly prefix: string;
  readonly name: string;
  /** The queue's name everywhere outside the engines. */
  readonly label: string;
  readonly #taskNames = new Map<string, string>();

  constructor(prefix: string, name: string, label: string) {
    this.key = `${prefix}:${name}`;
    this.prefix = prefix;
    this.name = name;
    this.label = label;
  }

  at(part: string): string {
    return `${this.key}:${part}`;
  }

  taskId(jobId: string): string {
    return `${this.label}:${jobId}`;
  }

  /** The name of all its tasks, where only one has ever been seen. */
  get onlyTaskName(): string | null {
    const [only, ...more] = this.#taskNames.values();
    return only !== undefined && more.length === 0 ? only : null;
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

const USUAL_PREFIX = 'bull:';

/** Both libraries put their keys under `bull:` unless they are told otherwise. False where a further colon leaves it open what is the prefix. */
export function hasUsualPrefix(key: string): boolean {
  return key.startsWith(USUAL_PREFIX) && !key.includes(':', USUAL_PREFIX.length);
}
