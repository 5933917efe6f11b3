const THIN = '\u202f';
const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

/** Seconds with two units at most: 340 ms, 8.1 s, 1 m 12 s, 2 h 5 m, 3 d 4 h. */
export function duration(seconds: number): string {
  const size = Math.abs(seconds);
  const sign = seconds < 0 ? '−' : '';
  if (size === 0) return `0${THIN}s`;
  if (size < 0.0095) return `${sign}${Number((size * 1_000).toFixed(1))}${THIN}ms`;
  if (size < 0.9995) return `${sign}${Math.round(size * 1_000)}${THIN}ms`;
  if (size < 9.95) return `${sign}${Number(size.toFixed(1))}${THIN}s`;
  const whole = Math.round(size);
  if (whole < MINUTE) return `${sign}${whole}${THIN}s`;
  if (whole < HOUR) return sign + two(Math.floor(whole / MINUTE), 'm', whole % MINUTE, 's');
  if (whole < DAY) return sign + two(Math.floor(whole / HOUR), 'h', Math.floor((whole % HOUR) / MINUTE), 'm');
  return sign + two(Math.floor(whole / DAY), 'd', Math.floor((whole % DAY) / HOUR), 'h');
}

function two(large: number, largeUnit: string, small: number, smallUnit: string): string {
  const first = `${large}${THIN}${largeUnit}`;
  return small === 0 ? first : `${first} ${small}${THIN}${smallUnit}`;
}
