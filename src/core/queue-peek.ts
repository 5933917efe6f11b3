/** Why the payload of a message is not shown. opaque: a pickle, or another format that is not JSON. */
export const UNREADABLE = ['oversized', 'opaque', 'malformed'] as const;

/** A task as it lies in its queue. null: the message does not say. Times are epoch milliseconds. */
export interface WaitingTask {
  readonly id: string | null;
  readonly name: string | null;
  /** Redacted; null where unreadable. */
  readonly args: unknown;
  readonly kwargs: unknown;
  readonly unreadable: (typeof UNREADABLE)[number] | null;
  readonly priority: number | null;
  readonly sentAt: number | null;
  readonly eta: number | null;
  /** It is thrown away when it is taken after this. */
  readonly expiresAt: number | null;
  /** Attempts that it has behind it. */
  readonly attempts: number | null;
  /** It was in the hands of a worker before. */
  readonly redelivered: boolean;
  readonly bytes: number;
}

/** Some tasks of a queue, in the order in which workers will take them. */
export interface QueuePeek {
  readonly total: number;
  readonly tasks: readonly WaitingTask[];
}
