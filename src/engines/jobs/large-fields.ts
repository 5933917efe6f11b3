import type { RedisCommand, RedisLink } from '../redis/redis-link.js';
import { listOf, numberOf, textOf } from '../redis/redis-reply.js';
import { parseJson } from './parse-json.js';

/** Fields of a job's hash whose size the application decides. */
export const LARGE_FIELDS = ['data', 'returnvalue', 'stacktrace', 'progress', 'opts'] as const;
export type LargeField = (typeof LARGE_FIELDS)[number];

/** Larger ones are left where they are, and their size is told. */
const MAX_FIELD = 1024 * 1024;

/** To be asked first, in this order. */
export function measureCommands(key: string): readonly RedisCommand[] {
  return LARGE_FIELDS.map((field): RedisCommand => ['HSTRLEN', key, field]);
}

/** The large fields of one job, as far as they are not too large. One round trip. */
export async function readLargeFields(
  link: RedisLink,
  key: string,
  lengths: readonly unknown[],
  signal: AbortSignal,
): Promise<LargeFields> {
  const sizes = new Map(LARGE_FIELDS.map((field, nth) => [field, numberOf(lengths[nth]) ?? 0]));
  const wanted = LARGE_FIELDS.filter((field) => {
    const size = sizes.get(field) ?? 0;
    return size > 0 && size <= MAX_FIELD;
  });
  const values = wanted.length === 0 ? [] : listOf((await link.batch([['HMGET', key, ...wanted]], signal))[0]);
  return new LargeFields(new Map(wanted.map((field, nth) => [field, textOf(values[nth])])), sizes);
}

export class LargeFields {
  readonly #texts: ReadonlyMap<LargeField, string | null>;
  readonly #sizes: ReadonlyMap<LargeField, number>;

  constructor(texts: ReadonlyMap<LargeField, string | null>, sizes: ReadonlyMap<LargeField, number>) {
    this.#texts = texts;
    this.#sizes = sizes;
  }

  text(field: LargeField): string | null {
    return this.#texts.get(field) ?? null;
  }

  /** Parsed; the text itself where it is not JSON; what it would have been where it is too large to be read. */
  value(field: LargeField): unknown {
    const bytes = this.#sizes.get(field) ?? 0;
    if (bytes > MAX_FIELD) return { tooLarge: true, bytes };
    const text = this.text(field);
    if (text === null) return null;
    const parsed = parseJson(text);
    return parsed === undefined ? text : parsed;
  }
}
