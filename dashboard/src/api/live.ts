import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { useNow } from '../scope/now.js';
import { useScope } from '../scope/scope.js';
import { apiAddress } from './client.js';
import type { components } from './schema.js';

export type LiveTick = components['schemas']['LiveTickDto'];

interface LiveStatus {
  /** Epoch milliseconds of the last tick; null before the first. */
  readonly heardAt: number | null;
  readonly open: boolean;
}

/** A closed stream, as after a refusal, is tried again this often. */
const AGAIN_MS = 5_000;
/** Whatever changes, nothing is asked for more often. */
const ASK_EVERY_MS = 2_000;

/** A tick comes every ten seconds at least. */
const SILENT_MS = 15_000;
/** One that is broken comes back at once, where it can. */
const BROKEN_MS = 4_000;

let status: LiveStatus = { heardAt: null, open: false };
const watchers = new Set<() => void>();
const listeners = new Set<(tick: LiveTick) => void>();

function setStatus(next: LiveStatus): void {
  status = next;
  for (const watcher of watchers) watcher();
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function useLiveStatus(): LiveStatus {
  return useSyncExternalStore(watch, () => status);
}

/** Since when the service tells nothing, in epoch milliseconds, although the page is live; null while it does. */
export function useSilentSince(): number | null {
  const { live } = useScope();
  const { heardAt, open } = useLiveStatus();
  const now = useNow();
  if (!live || heardAt === null) return null;
  return now - heardAt < (open ? SILENT_MS : BROKEN_MS) ? null : heardAt;
}

/** Hears every tick while the component is there. `listener` should be stable. */
export function useTicks(listener: (tick: LiveTick) => void): void {
  useEffect(() => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }, [listener]);
}

/** For queries: how often to ask where the stream does not say when to. */
export function useFallbackInterval(): number | false {
  const { live } = useScope();
  const { open } = useLiveStatus();
  return live && !open ? AGAIN_MS : false;
}

/**
 * Keeps the page fresh from the stream: a query whose key begins with what has changed (`tasks`, `workers`, `queues`, `schedules`, `sources`) is asked
 * again, and `summary` with every tick. Once per page, in the frame.
 */
export function useLiveUpdates(): void {
  const { live } = useScope();
  const queries = useQueryClient();
  useEffect(() => {
    if (!live) return;
    const due = new Set<string>();
    let asking: ReturnType<typeof setTimeout> | undefined;
    const ask = () => {
      asking = undefined;
      for (const kind of due) void queries.invalidateQueries({ queryKey: [kind] });
      due.clear();
    };
    const hear = (tick: LiveTick) => {
      setStatus({ heardAt: Date.now(), open: true });
      for (const kind of tick.changed) due.add(kind);
      due.add('summary');
      if (asking === undefined) {
        ask();
        asking = setTimeout(ask, ASK_EVERY_MS);
      }
      for (const listener of listeners) listener(tick);
    };

    let stream: EventSource;
    let again: ReturnType<typeof setTimeout> | undefined;
    const open = () => {
      stream = new EventSource(apiAddress('/live'));
      stream.addEventListener('tick', (event) => hear(JSON.parse(event.data)));
      stream.addEventListener('error', () => {
        setStatus({ ...status, open: false });
        // The browser comes back by itself after a broken connection, not after a refusal.
        if (stream.readyState === EventSource.CLOSED) again = setTimeout(open, AGAIN_MS);
      });
    };
    open();
    return () => {
      stream.close();
      clearTimeout(again);
      clearTimeout(asking);
      setStatus({ ...status, open: false });
    };
  }, [live, queries]);
}
