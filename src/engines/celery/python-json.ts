/**
 * What Python's json module writes is not always JSON: NaN and Infinity are bare words, and integers have no limit. Both become strings
 * here, so that nothing is refused and nothing is rounded.
 */
const SUSPICIOUS = /NaN|Infinity|\d{16}/;
const SURELY_SAFE_DIGITS = 15;
const BARE_WORDS = ['-Infinity', 'Infinity', 'NaN'] as const;

/** Throws SyntaxError where the text is not even Python's JSON. O(text). */
export function parsePythonJson(text: string): unknown {
  return JSON.parse(SUSPICIOUS.test(text) ? quoteOddities(text) : text);
}

function quoteOddities(text: string): string {
  let written = '';
  let copiedTo = 0;
  let at = 0;
  const quote = (end: number): void => {
    written += `${text.slice(copiedTo, at)}"${text.slice(at, end)}"`;
    copiedTo = end;
    at = end;
  };
  while (at < text.length) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      at = endOfString(text, at + 1);
    } else if (char === MINUS || (char >= ZERO && char <= NINE) || char === CAPITAL_I || char === CAPITAL_N) {
      const word = BARE_WORDS.find((known) => text.startsWith(known, at));
      const end = word === undefined ? endOfNumber(text, at + 1) : at + word.length;
      if (word !== undefined || isTooLong(text.slice(at, end))) quote(end);
      else at = end;
    } else {
      at += 1;
    }
  }
  return written + text.slice(copiedTo);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const CAPITAL_I = 0x49;
const CAPITAL_N = 0x4e;
const NUMBER_CHARACTERS = '0123456789+-.eE';

/** The place after the quote that ends a string, of which the text begins at `from`. */
export function endOfString(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === BACKSLASH) at += 1;
    else if (char === QUOTE) return at + 1;
  }
  return text.length;
}

function endOfNumber(text: string, from: number): number {
  let at = from;
  while (at < text.length && NUMBER_CHARACTERS.includes(text.charAt(at))) at += 1;
  return at;
}

/** Fractions lose digits in every language; integers beyond 2^53 are ids and must not. */
function isTooLong(number: string): boolean {
  return (
    number.length > SURELY_SAFE_DIGITS && /^-?\d+$/.test(number) && !Number.isSafeInteger(Number.parseInt(number, 10))
  );
}
