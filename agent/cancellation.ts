/** The reason of a signal that was aborted because somebody revoked the task. */
export class TaskRevoked extends Error {
  override readonly name = 'TaskRevoked';
}

/** The reason of a signal that was aborted because Bull's `timeout` ran out. Bull itself lets the processor run on. */
export class TaskTimedOut extends Error {
  override readonly name = 'TaskTimedOut';
}

const controllers = new WeakMap<object, AbortController>();

/**
 * The signal that tells a running processor to stop. Asking for it is what makes a task cancellable.
 * It belongs to this attempt: the job object Bull hands to the processor, not a copy of it.
 */
export function abortSignal(job: object): AbortSignal {
  let controller = controllers.get(job);
  if (controller === undefined) {
    controller = new AbortController();
    controllers.set(job, controller);
  }
  return controller.signal;
}

/**
 * Makes a Bull processor out of one that takes a signal.
 * @example queue.process(cancellable(async (job, signal) => download(job.data.url, { signal })));
 */
export function cancellable<J extends object, R>(
  process: (job: J, signal: AbortSignal) => Promise<R>,
): (job: J) => Promise<R> {
  // Exactly one parameter: Bull takes a processor with two for one that calls back.
  return (job) => process(job, abortSignal(job));
}

/** Aborts the signal of this attempt; false where its processor never asked for one. */
export function abort(job: object, reason: Error): boolean {
  const controller = controllers.get(job);
  if (controller === undefined) return false;
  controller.abort(reason);
  return true;
}
