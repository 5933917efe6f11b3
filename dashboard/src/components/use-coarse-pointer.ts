import { useSyncExternalStore } from 'react';

const query = window.matchMedia('(pointer: coarse)');

function subscribe(listener: () => void): () => void {
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
}

/** True where the reader points with a finger, and needs more room for it. */
export function useCoarsePointer(): boolean {
  return useSyncExternalStore(subscribe, () => query.matches);
}
