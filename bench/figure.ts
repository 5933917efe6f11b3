/** One measured number, with what it is measured against. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The bar it is held to, in words; null where there is none. */
  readonly bar: string | null;
  /** Whether it meets the bar; null without one. */
  readonly good: boolean | null;
}

export function figure(
  name: string,
  value: number,
  unit: string,
  bar?: { readonly text: string; readonly good: boolean },
): Figure {
  return { name, value, unit, bar: bar?.text ?? null, good: bar?.good ?? null };
}

/** The middle one: single runs on a shared machine vary by half. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** CPU seconds of this process that `work` takes, all threads and the garbage collector included. */
export function cpuSeconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
