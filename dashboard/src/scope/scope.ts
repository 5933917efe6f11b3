import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';

/** What the reader looks at, on every page: kept in the address, so that whoever gets it sees the same. */
export const RANGES = ['15m', '1h', '6h', '24h', '7d', '30d'] as const;
export type Range = (typeof RANGES)[number];
const DEFAULT_RANGE: Range = '15m';

const SECONDS: Readonly<Record<Range, number>> = {
  '15m': 900,
  '1h': 3_600,
  '6h': 21_600,
  '24h': 86_400,
  '7d': 604_800,
  '30d': 2_592_000,
};

/** The parameters that every link carries on. */
const SCOPE_PARAMETERS = ['source', 'range', 'live'] as const;

export interface Scope {
  /** Only this source; null for all. */
  readonly source: string | null;
  readonly range: Range;
  readonly rangeSeconds: number;
  /** True where the reader has chosen the range; lists of what there is are not cut to one that nobody chose. */
  readonly rangeChosen: boolean;
  /** False where the reader has stopped the updates. */
  readonly live: boolean;
}

function scopeOf(parameters: URLSearchParams): Scope {
  const said = parameters.get('range');
  const range = RANGES.find((known) => known === said) ?? DEFAULT_RANGE;
  return {
    source: parameters.get('source'),
    range,
    rangeSeconds: SECONDS[range],
    rangeChosen: range === said,
    live: parameters.get('live') !== 'off',
  };
}

export function useScope(): Scope {
  const [parameters] = useSearchParams();
  return useMemo(() => scopeOf(parameters), [parameters]);
}

/** Changes parameters of the address; null removes one. Replaces the entry of the history: a filter typed is one step back, not twenty. */
export function useSetParameters(): (changes: Readonly<Record<string, string | null>>) => void {
  const [, set] = useSearchParams();
  return useCallback(
    (changes) => {
      // Of the address as it is now: what has just been changed may not have been drawn yet.
      const next = new URLSearchParams(window.location.search);
      for (const [name, value] of Object.entries(changes)) {
        if (value === null || value === '') next.delete(name);
        else next.set(name, value);
      }
      set(next, { replace: true });
    },
    [set],
  );
}

/** The search part of a link that keeps the scope and says more. */
export function scopedSearch(current: URLSearchParams, more: Readonly<Record<string, string>> = {}): string {
  const next = new URLSearchParams();
  for (const name of SCOPE_PARAMETERS) {
    const value = current.get(name);
    if (value !== null) next.set(name, value);
  }
  for (const [name, value] of Object.entries(more)) next.set(name, value);
  const text = next.toString();
  return text === '' ? '' : `?${text}`;
}
