import { duration } from './durations.js';

export type Zone = 'local' | 'utc';

/** `2 m ago`, `in 40 s`, `now`. */
export function relative(at: number, now: number): string {
  const seconds = Math.round((now - at) / 1_000);
  if (Math.abs(seconds) < 1) return 'now';
  const [largest = ''] = duration(Math.abs(seconds)).split(' ');
  return seconds > 0 ? `${largest} ago` : `in ${largest}`;
}

/** With date, milliseconds and zone: what the hover says, and what is copied. */
export function absolute(at: number, zone: Zone): string {
  const iso = shifted(at, zone);
  return `${iso.slice(0, 10)} ${iso.slice(11, 23)} ${zoneName(at, zone)}`;
}

/** 14:02:10, with the day before it where it is another one than today. */
export function clockTime(at: number, zone: Zone, now: number): string {
  const iso = shifted(at, zone);
  const time = iso.slice(11, 19);
  return iso.slice(0, 10) === shifted(now, zone).slice(0, 10) ? time : `${iso.slice(5, 10)} ${time}`;
}

/** ISO text whose figures are those of the zone. */
function shifted(at: number, zone: Zone): string {
  if (!(Math.abs(at) <= 8.64e15)) return '';
  const minutes = zone === 'utc' ? 0 : new Date(at).getTimezoneOffset();
  return new Date(at - minutes * 60_000).toISOString();
}

function zoneName(at: number, zone: Zone): string {
  const minutes = zone === 'utc' ? 0 : -new Date(at).getTimezoneOffset();
  if (minutes === 0) return 'UTC';
  const size = Math.abs(minutes);
  return `UTC${minutes < 0 ? '−' : '+'}${Math.floor(size / 60)}${size % 60 === 0 ? '' : `:${String(size % 60).padStart(2, '0')}`}`;
}
