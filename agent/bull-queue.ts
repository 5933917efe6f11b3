import type { Cluster, Redis } from 'ioredis';

type Listener = (...args: readonly unknown[]) => void;
export type ProcessJob = (job: unknown, notFetch?: boolean) => Promise<unknown>;

/** What the agent uses of a Bull queue. Half of it is not documented, but the same from 3.x to 4.16. */
export interface BullQueue {
  readonly name: string;
  readonly keyPrefix: string;
  /** Value of the locks that this queue object takes. */
  readonly token: string;
  readonly client: Redis | Cluster;
  /** Processors by job name; empty in a process that only adds jobs. */
  readonly handlers: object;
  /** One property per processing loop, `<job name>:<n>`. */
  readonly processing: object;
  /** There once a sandboxed processor is registered. */
  readonly childPool?: unknown;
  /** An own property, looked up afresh for each job: so it can be replaced at any time. */
  processJob: ProcessJob;
  on(event: string, listener: Listener): unknown;
  removeListener(event: string, listener: Listener): unknown;
  close(): Promise<unknown>;
}

export interface BullJob {
  readonly id: string | number;
  readonly name: string;
  /** Failed attempts so far; kept when a job is retried by hand. */
  readonly attemptsMade: number;
  readonly timestamp: number;
  readonly opts: { readonly attempts?: unknown; readonly delay?: unknown; readonly timeout?: unknown };
  readonly finishedOn?: unknown;
  /** The job will not be retried, whatever its options say. */
  discard(): unknown;
}

/** Bull never tells its version, and several copies may be installed, so queues are known by their shape. */
export function isBullQueue(value: unknown): value is BullQueue {
  return (
    typeof value === 'object' &&
    value !== null &&
    'processJob' in value &&
    typeof value.processJob === 'function' &&
    'token' in value &&
    typeof value.token === 'string' &&
    'keyPrefix' in value &&
    typeof value.keyPrefix === 'string' &&
    'name' in value &&
    typeof value.name === 'string' &&
    isObject(value, 'handlers') &&
    isObject(value, 'processing') &&
    isFunction(value, 'on') &&
    isFunction(value, 'removeListener') &&
    isFunction(value, 'close') &&
    isObject(value, 'client')
  );
}

export function isBullJob(value: unknown): value is BullJob {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    (typeof value.id === 'string' || typeof value.id === 'number') &&
    'name' in value &&
    typeof value.name === 'string' &&
    'attemptsMade' in value &&
    typeof value.attemptsMade === 'number' &&
    'timestamp' in value &&
    typeof value.timestamp === 'number' &&
    isObject(value, 'opts') &&
    isFunction(value, 'discard')
  );
}

/** True once this process works on the queue, and does not only add to it. */
export function hasProcessor(queue: BullQueue): boolean {
  return Object.keys(queue.handlers).length > 0;
}

/** Jobs it can run at once, over all its processors. Each has at least one loop, though it may not have begun yet. */
export function concurrencyOf(queue: BullQueue): number {
  return Math.max(Object.keys(queue.processing).length, Object.keys(queue.handlers).length);
}

function isObject<K extends string>(value: object, key: K): value is object & Record<K, object> {
  const found: unknown = Reflect.get(value, key);
  return typeof found === 'object' && found !== null;
}

function isFunction(value: object, key: string): boolean {
  return typeof Reflect.get(value, key) === 'function';
}
