const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const DURATION = /^(\d{1,12}(?:\.\d{1,9})?)(ms|s|m|h|d|w)$/;
const EPOCH_SECONDS = /^\d{1,11}(?:\.\d{1,9})?$/;
/** A date, or a date and a time; without a zone it is UTC. */
const ISO = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/i;
const ZONED = /T.*(?:Z|[+-]\d{2}:?\d{2})$/i;

/** `1.5h` in milliseconds; null where it is no duration. */
export function parseDuration(text: string): number | null {
  const [, amount, unit] = DURATION.exec(text) ?? [];
  const factor = unit === undefined ? undefined : UNIT_MS[unit];
  return amount === undefined || factor === undefined ? null : Number(amount) * factor;
}

/**
 * A point in time as people write it, in epoch milliseconds: ISO 8601, epoch seconds, or how long ago (`15m`, also written `-15m`).
 * null where it is none of these.
 */
export function parseMoment(text: string, now: number): number | null {
  const ago = parseDuration(text.startsWith('-') ? text.slice(1) : text);
  if (ago !== null) return now - ago;
  if (EPOCH_SECONDS.test(text)) return Number(text) * 1000;
  if (!ISO.test(text)) return null;
  const upper = text.toUpperCase();
  const at = Date.parse(upper.length === 10 || ZONED.test(upper) ? upper : `${upper}Z`);
  return Number.isNaN(at) ? null : at;
}
