/** BullMQ does not try a job again whose processor failed with an error of this name. */
const UNRECOVERABLE = 'UnrecoverableError';
/** By these a processor says that it has moved the job elsewhere: then there is nothing left to fail. */
const PUT_BACK: readonly unknown[] = ['DelayedError', 'WaitingError', 'WaitingChildrenError'];

/** How a revoked task fails in BullMQ: as its processor did, with the same message and stack, but for good. */
export class RevokedFailure extends Error {
  override readonly name = UNRECOVERABLE;

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    if (cause instanceof Error && cause.stack !== undefined) this.stack = cause.stack;
  }
}

/** What to throw in place of `failure`, so that BullMQ does not try the job again. */
export function withoutRetry(failure: unknown): unknown {
  // Version 4 knows the first by its message.
  const putBack = failure instanceof Error && (PUT_BACK.includes(failure.name) || PUT_BACK.includes(failure.message));
  return putBack ? failure : new RevokedFailure(failure);
}

/** What the processor itself failed with. */
export function originalFailure(failure: unknown): unknown {
  return failure instanceof RevokedFailure ? failure.cause : failure;
}
