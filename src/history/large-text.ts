import { createHash } from 'node:crypto';

/** Where a text is kept: in the row, or in `large` under its hash. */
export interface PlacedText {
  readonly inline: string | null;
  readonly ref: string | null;
}

const NOWHERE: PlacedText = { inline: null, ref: null };
/** A value whose JSON is longer is not kept, only its size. */
const MAX_JSON = 64 * 1024;

/** A text of at most `maxInline` characters stays in the row; a longer one is added to `large`, where the same text is kept once. */
export function placed(text: string | null, maxInline: number, large: Map<string, string>): PlacedText {
  if (text === null) return NOWHERE;
  if (text.length <= maxInline) return { inline: text, ref: null };
  const ref = createHash('sha1').update(text).digest('base64url');
  large.set(ref, text);
  return { inline: null, ref };
}

/** JSON of what a task was given; null where nothing is known of it. */
export function jsonOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  const text = JSON.stringify(value);
  return text.length <= MAX_JSON ? text : JSON.stringify({ tooLarge: true, bytes: Buffer.byteLength(text) });
}
