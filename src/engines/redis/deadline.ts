/** Settles as `work` does, but rejects after `ms` milliseconds or when the signal aborts, whichever is first. */
export function withDeadline<T>(work: Promise<T>, ms: number, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => finish(() => reject(new Error('aborted before Redis answered')));
    const timer = setTimeout(() => finish(() => reject(new Error(`Redis timed out: no answer within ${ms} ms`))), ms);
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      settle();
    };
    if (signal?.aborted) {
      abort();
    } else {
      signal?.addEventListener('abort', abort, { once: true });
    }
    work.then(
      (value) => finish(() => resolve(value)),
      (error: unknown) => finish(() => reject(error)),
    );
  });
}
