import type { Clock } from '../core/clock.js';

/** The furthest a Date can be from 1970. A broker may hold any number where a time should be. */
const MAX_DATE_MS = 8.64e15;

/** Epoch milliseconds as ISO 8601 in UTC; null where unknown, or where the number is no time. */
export function isoTime(ms: number | null): string | null {
  if (ms === null || !(Math.abs(ms) <= MAX_DATE_MS)) return null;
  return new Date(ms).toISOString();
}

/** The time by our own clock. */
export function isoNow(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}

/** Of epoch seconds. */
export function isoSeconds(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

/** Epoch seconds with fractions, for the few fields that were always told so. */
export function epochSeconds(ms: number | null): number | null {
  return seconds(ms);
}

/** To the microsecond: what lies below is noise of the division. */
export function seconds(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 1000) / 1e6;
}
