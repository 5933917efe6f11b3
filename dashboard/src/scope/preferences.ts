import { useSyncExternalStore } from 'react';

/** What belongs to the person, not to the address: kept in this browser. */
const PREFIX = 'taskscope.';

const listeners = new Set<() => void>();
/** What has been read: every time on the page asks for its zone whenever it is drawn. */
const known = new Map<string, string | null>();

function read(name: string): string | null {
  const before = known.get(name);
  if (before !== undefined) return before;
  const value = stored(name);
  known.set(name, value);
  return value;
}

function stored(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    // Storage is forbidden here: the default is used, and nothing is kept.
    return null;
  }
}

export function writePreference(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
  } catch {
    // As above.
  }
  changed();
}

function changed(): void {
  known.clear();
  for (const listener of listeners) listener();
}

// Another tab has changed something.
window.addEventListener('storage', changed);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** A kept text, or null; follows changes made in other tabs. */
export function usePreference(name: string): string | null {
  return useSyncExternalStore(subscribe, () => read(name));
}

export type Theme = 'system' | 'light' | 'dark';

export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const kept = usePreference('theme');
  const theme = kept === 'light' || kept === 'dark' ? kept : 'system';
  return [
    theme,
    (chosen) => {
      writePreference('theme', chosen === 'system' ? null : chosen);
      // The same that public/theme.js does at load.
      if (chosen === 'system') delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = chosen;
    },
  ];
}

export type Zone = 'local' | 'utc';

export function useZone(): Zone {
  return usePreference('zone') === 'utc' ? 'utc' : 'local';
}
