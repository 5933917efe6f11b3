import { DDSketch } from '@datadog/sketches-js';

/** The window moves by a fifth of its length at a time. */
const SLICES = 5;
/** A quantile is off by at most 1 % of itself. */
const ACCURACY = { relativeAccuracy: 0.01 };
/**
 * Sketches count microseconds from 2 up, and so never in their bin 0: a store of @datadog/sketches-js 2.1.1 whose highest bin is 0 is
 * merged as if it ended at its lowest. The upper bound, some thirty years, keeps hostile numbers from growing the bins without end.
 */
const MIN_US = 2;
const MAX_US = 1e15;
const US_PER_MS = 1000;
const US_PER_SECOND = 1e6;

interface Slice {
  /** Number of its fifth since the clock's start. */
  readonly index: number;
  readonly sketch: DDSketch;
}

/** Quantiles of durations over a sliding window, for some kilobytes whatever the number of durations. */
export class DurationWindow {
  readonly #sliceMs: number;
  #slices: Slice[] = [];

  constructor(windowMs: number) {
    this.#sliceMs = windowMs / SLICES;
  }

  /** `now` never goes back. */
  add(now: number, durationMs: number): void {
    this.#current(now).accept(Math.min(Math.max(durationMs * US_PER_MS, MIN_US), MAX_US));
  }

  /** The sketches that the window holds now. */
  sketches(now: number): readonly DDSketch[] {
    this.#expire(Math.floor(now / this.#sliceMs));
    return this.#slices.map(({ sketch }) => sketch);
  }

  #current(now: number): DDSketch {
    const index = Math.floor(now / this.#sliceMs);
    const last = this.#slices[this.#slices.length - 1];
    if (last?.index === index) return last.sketch;
    this.#expire(index);
    const slice = { index, sketch: new DDSketch(ACCURACY) };
    this.#slices.push(slice);
    return slice.sketch;
  }

  #expire(index: number): void {
    if ((this.#slices[0]?.index ?? index) <= index - SLICES) {
      this.#slices = this.#slices.filter((slice) => slice.index > index - SLICES);
    }
  }
}

/** Of everything that these windows hold together, in seconds, for each quantile; null where they hold nothing. O(bins) per sketch. */
export function durationQuantiles(
  windows: readonly DurationWindow[],
  now: number,
  quantiles: readonly number[],
): readonly number[] | null {
  const sketches = windows.flatMap((window) => window.sketches(now));
  const [first, ...others] = sketches;
  if (first === undefined) return null;
  let all = first;
  if (others.length > 0) {
    all = new DDSketch(ACCURACY);
    for (const sketch of sketches) all.merge(sketch);
  }
  return quantiles.map((quantile) => all.getValueAtQuantile(quantile) / US_PER_SECOND);
}
