/** Which failures. Times are epoch milliseconds. */
export interface FailureQuery {
  readonly since: number;
  readonly until: number;
  readonly source: string | null;
  readonly name: string | null;
  readonly queue: string | null;
  /** Causes told, the most frequent first. */
  readonly limit: number;
  /** Parts of equal length into which the time is cut for each cause's trend. */
  readonly parts: number;
}

export interface Counted {
  readonly name: string;
  readonly count: number;
}

/** Failures of one cause: the same exception class, and messages that differ only in numbers, ids, quoted texts and the like. */
export interface FailureGroup {
  /** Exception class. */
  readonly type: string;
  /** The message, with placeholders for what varies. */
  readonly message: string;
  readonly count: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** Failures in each part of the time asked for. */
  readonly trend: readonly number[];
  /** The most frequent first, some. */
  readonly names: readonly Counted[];
  readonly workers: readonly Counted[];
  /** The latest of them. */
  readonly sample: { readonly source: string; readonly id: string; readonly message: string };
}

export interface FailureGroups {
  readonly groups: readonly FailureGroup[];
  /** Distinct causes. */
  readonly causes: number;
  /** Tasks that failed, of all causes. */
  readonly failures: number;
  /** False where only the latest failures of the time were looked at, because there were too many. */
  readonly complete: boolean;
}
