import { useEffect, useState } from 'react';

const KEPT = 60;

interface Sample {
  readonly at: string;
  readonly value: number | null;
}

/** Kept beside React, so that coming back to the page finds the line again. */
const recent = new Map<string, readonly Sample[]>();

/** The latest values since the page was opened, one per answer. */
export function useRecent(name: string, value: number | null, at: string): readonly (number | null)[] {
  const [samples, setSamples] = useState<readonly Sample[]>(recent.get(name) ?? []);
  useEffect(() => {
    const known = recent.get(name) ?? [];
    if (known.at(-1)?.at === at) return;
    const next = [...known, { at, value }].slice(-KEPT);
    recent.set(name, next);
    setSamples(next);
  }, [name, value, at]);
  return samples.map((sample) => sample.value);
}
