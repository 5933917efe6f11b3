/** A new task, as somebody asks for it. */
export interface TaskOrder {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  /** One that the source knows. */
  readonly queue: string;
  /** Not to be run before so many milliseconds from now; 0: at once. */
  readonly delayMs: number;
}

/** What a finished task is run again with, in place of what it was sent with. */
export interface EditedArguments {
  readonly args?: readonly unknown[];
  readonly kwargs?: Readonly<Record<string, unknown>>;
}

/** A task that has been handed to the broker, which has taken it. */
export interface SentTask {
  readonly id: string;
  readonly name: string;
  readonly queue: string;
  /** Epoch milliseconds; null: at once. */
  readonly eta: number | null;
}
