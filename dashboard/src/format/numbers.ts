/** Keeps number and unit on one line, and is narrower than a space. */
const THIN = '\u202f';

const MILLION = 1_000_000;

/** 1 204, 98 700, 1.2 M. */
export function count(value: number): string {
  if (Math.abs(value) >= 1_000 * MILLION) return `${short(value / (1_000 * MILLION))}${THIN}G`;
  if (Math.abs(value) >= MILLION) return `${short(value / MILLION)}${THIN}M`;
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, THIN);
}

/** Two figures where small, none after the point where large. */
function short(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1).replace(/\.0$/, '');
  return value.toFixed(size >= 1 ? 1 : 2).replace(/\.?0+$/, '');
}

/** Per second: 212 /s, 0.4 /s. */
export function rate(perSecond: number): string {
  return `${perSecond >= 1_000 ? count(perSecond) : short(perSecond)}${THIN}/s`;
}

/** A share of one: 0.4 %. */
export function percent(share: number): string {
  return `${short(share * 100)}${THIN}%`;
}

const BYTES = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

export function bytes(value: number): string {
  let size = value;
  let unit = 0;
  while (Math.abs(size) >= 1024 && unit < BYTES.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? size.toFixed(0) : short(size)}${THIN}${BYTES[unit]}`;
}

/** `1 task`, `14 tasks`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
