import { useSyncExternalStore } from 'react';

/** One clock for all relative times on the page, so that they change together and cost one timer. */
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    now = Date.now();
    timer = setInterval(() => {
      now = Date.now();
      for (const each of listeners) each();
    }, 1_000);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Epoch milliseconds, to the second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

/** A text made of the time, in epoch milliseconds; what shows it is drawn again only when the text is another. */
export function useTextOfNow(text: (now: number) => string): string {
  return useSyncExternalStore(subscribe, () => text(now));
}
