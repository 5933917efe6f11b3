import { TASK_STATE } from '../../components/State.js';
import { duration } from '../../format/durations.js';
import { clockTime, type Zone } from '../../format/times.js';
import type { Bar } from './bars.js';

/** A bar in one sentence, for the hover and for the screen reader. */
export function describe(bar: Bar, zone: Zone, now: number): string {
  const { name, id, state, from, to, lane } = bar;
  const ran = duration(((to ?? now) - from) / 1_000);
  const when = clockTime(from, zone, now);
  return `${name ?? id}: ${TASK_STATE[state].word}, ${to === null ? `for ${ran}` : ran}, from ${when}, on ${lane}`;
}
