/** Tasks per step: 2 to 10 ms of Redis where the list holds 100 000, as each step ends with a pass over it. */
export const STEP = 200;
/** What has to be looked at in one piece, because only looking at each tells its age, may be so long: some 80 ms of Redis. */
export const MOST_AT_ONCE = 2_000;
/** An answer is owed within the deadline of a request. */
const TIME_MS = 3_500;

/** Removes at most `limit` tasks and answers the ids of those that are gone; none where there is nothing more to remove. */
export type RemovalStep = (limit: number) => Promise<readonly string[]>;

export interface RemovalResult {
  readonly removed: number;
  /** False where time was up, or the limit reached, first. */
  readonly complete: boolean;
}

/**
 * Removes in steps, each of them atomic, so that Redis serves others in between. Ends when every step has nothing more to remove, at the limit,
 * or when time is up.
 */
export async function removeInSteps(
  steps: readonly RemovalStep[],
  options: {
    readonly limit: number;
    readonly monotonic: () => number;
    readonly signal: AbortSignal;
    readonly gone: (jobIds: readonly string[]) => void;
  },
): Promise<RemovalResult> {
  const until = options.monotonic() + TIME_MS;
  let removed = 0;
  for (const step of steps) {
    for (;;) {
      if (removed >= options.limit || options.monotonic() > until || options.signal.aborted) {
        return { removed, complete: false };
      }
      const gone = await step(Math.min(STEP, options.limit - removed));
      if (gone.length === 0) break;
      removed += gone.length;
      options.gone(gone);
    }
  }
  return { removed, complete: true };
}

/** A step that removes all it can the first time. */
export function once(remove: () => Promise<readonly string[]>): RemovalStep {
  let done = false;
  return async () => {
    if (done) return [];
    done = true;
    return remove();
  };
}
