import { usePreference, writePreference } from '../../scope/preferences.js';

const KEPT = 'pins.failures';

/** Signatures that the reader wants on top, kept in this browser. */
export function usePins(): { readonly pinned: ReadonlySet<string>; readonly toggle: (signature: string) => void } {
  const pinned = new Set((usePreference(KEPT) ?? '').split('\n').filter((line) => line !== ''));
  return {
    pinned,
    toggle: (signature) => {
      if (!pinned.delete(signature)) pinned.add(signature);
      writePreference(KEPT, pinned.size === 0 ? null : [...pinned].join('\n'));
    },
  };
}
