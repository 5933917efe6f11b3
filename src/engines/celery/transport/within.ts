/** Settles as `work` does, but rejects after `ms` milliseconds or when the signal aborts, whichever is first. */
export function within<T>(ms: number, what: string, work: Promise<T>, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      settle();
    };
    const abort = (): void => finish(() => reject(new Error(`${what} was given up`)));
    const timer = setTimeout(() => finish(() => reject(new Error(`${what} took more than ${ms} ms`))), ms);
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort, { once: true });
    work.then(
      (value) => finish(() => resolve(value)),
      (error: unknown) => finish(() => reject(error)),
    );
  });
}
