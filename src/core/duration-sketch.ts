/**
 * Durations by size, in steps of a tenth: what any number of rows hold together can be added up, and a quantile of it is off by at most 5 %.
 * A flat list of numbers, bucket and count in turn, so that it is stored as it is.
 */
export type DurationSketch = readonly number[];

const BASE = Math.log(1.1);
/** Microseconds; below lies nothing anybody asks for. */
const MIN_US = 10;
const MAX_BUCKET = 400;

/** Collects durations. */
export class SketchBuilder {
  readonly #counts = new Map<number, number>();

  add(ms: number): void {
    if (!(ms >= 0)) return;
    const bucket = Math.min(MAX_BUCKET, Math.ceil(Math.log(Math.max(1, (ms * 1000) / MIN_US)) / BASE));
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + 1);
  }

  merge(sketch: DurationSketch): void {
    for (let at = 0; at + 1 < sketch.length; at += 2) {
      const bucket = sketch[at] ?? 0;
      this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + (sketch[at + 1] ?? 0));
    }
  }

  take(): DurationSketch {
    return [...this.#counts].sort(([a], [b]) => a - b).flat();
  }

  /** Seconds below which this share of the durations lies; null where there are none. */
  quantile(share: number): number | null {
    const sorted = [...this.#counts].sort(([a], [b]) => a - b);
    const total = sorted.reduce((sum, [, count]) => sum + count, 0);
    if (total === 0) return null;
    let below = 0;
    for (const [bucket, count] of sorted) {
      below += count;
      // The middle of the bucket, as a ratio.
      if (below >= share * total) return (MIN_US * Math.exp((bucket - 0.5) * BASE)) / 1e6;
    }
    return null;
  }
}
