import type { Gap } from '../api/model.js';
import { counted } from '../format/numbers.js';
import { clockTime, type Zone } from '../format/times.js';

/** The gap at a time, in epoch milliseconds. */
export function gapAt(gaps: readonly Gap[], at: number): Gap | null {
  return (
    gaps.find(({ from, to }) => (from === null || Date.parse(from) <= at) && (to === null || Date.parse(to) >= at)) ??
    null
  );
}

/** From, to, why, and how many are missing at most. */
export function gapWords(gap: Gap, zone: Zone, now: number): string {
  const time = (text: string | null, unknown: string) =>
    text === null ? unknown : clockTime(Date.parse(text), zone, now);
  const missing =
    gap.missed === null
      ? 'nobody can tell how many attempts are missing'
      : `at most ${counted(gap.missed, 'attempt')} missing`;
  return `Gap of ${gap.source}, ${time(gap.from, 'the beginning')} to ${time(gap.to, 'now')}: ${gap.reason}, ${missing}`;
}
