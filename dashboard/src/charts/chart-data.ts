import type { Gap } from '../api/model.js';
import type { Tone } from '../components/State.js';

export interface ChartLine {
  readonly label: string;
  readonly tone: Tone;
  /** One per step; null where nothing is known, which is no zero. */
  readonly values: readonly (number | null)[];
}

/** Something that happened at one moment, and may be why the lines bend. */
export interface Marker {
  /** Epoch seconds. */
  readonly at: number;
  readonly words: string;
  /** Written beside the line; what has none is drawn more faintly. */
  readonly label?: string;
}

export interface ChartData {
  /** Epoch seconds of the beginning of each step. */
  readonly times: readonly number[];
  readonly lines: readonly ChartLine[];
  readonly gaps: readonly Gap[];
  readonly markers: readonly Marker[];
}
