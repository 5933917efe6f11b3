/** Which tasks of a queue are meant. `waiting` includes the paused and the prioritised ones. */
export const CLEANABLE = ['waiting', 'delayed', 'succeeded', 'failed'] as const;
export type Cleanable = (typeof CLEANABLE)[number];

/** What may be done to a queue as a whole. */
export type QueueAction =
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  /** Remove tasks of one kind that are older than so many milliseconds, at most `limit` of them. */
  | { readonly kind: 'clean'; readonly tasks: Cleanable; readonly olderThanMs: number; readonly limit: number }
  /** Remove everything that has not started; what waits for a time only where `delayed` says so. */
  | { readonly kind: 'drain'; readonly delayed: boolean }
  /** Remove everything, running tasks only where `force` says so, and the queue itself. */
  | { readonly kind: 'obliterate'; readonly force: boolean };

export type QueueActionKind = QueueAction['kind'];

const CAPABILITY_OF = {
  pause: 'pause-queue',
  resume: 'pause-queue',
  clean: 'clean-queue',
  drain: 'drain-queue',
  obliterate: 'obliterate-queue',
} as const;

/** The capability that an engine must have for it. */
export function capabilityOfQueue({ kind }: QueueAction): (typeof CAPABILITY_OF)[QueueActionKind] {
  return CAPABILITY_OF[kind];
}

export interface QueueActionRequest {
  readonly action: QueueAction;
  /** Nothing is done where more tasks than this would go; null: any number. */
  readonly atMost: number | null;
  /** Only count. */
  readonly dryRun: boolean;
}

/** A queue in numbers, read for this one purpose. */
export interface QueuePlace {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly paused: boolean;
}

/** The same where an engine cannot know everything; null is what it cannot. */
export type KnownQueuePlace = { readonly waiting: number } & {
  readonly [Field in Exclude<keyof QueuePlace, 'waiting'>]: QueuePlace[Field] | null;
};

/** What was done to a queue, and what was found afterwards. */
export interface QueueActionReport {
  readonly queue: string;
  /** One sentence. */
  readonly message: string;
  /** How many tasks the action was about when it began; null where only looking at each of them would tell. */
  readonly matched: number | null;
  /** Tasks that are gone; 0 where it was a dry run, null for actions that remove none. */
  readonly removed: number | null;
  /** False where time was up, or the limit reached, before all was done: ask again to go on. */
  readonly complete: boolean;
  readonly before: KnownQueuePlace;
  /** null: nothing of the queue is left. */
  readonly after: KnownQueuePlace | null;
}
