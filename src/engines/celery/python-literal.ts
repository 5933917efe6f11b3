/** Told apart from `undefined`, which no Python value becomes. */
export const NOT_A_LITERAL = Symbol('not a literal');

const MAX_DEPTH = 32;
const NUMBER = /[+-]?(?:\d[\d_]*\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)/y;
const WORDS = new Map<string, unknown>([
  ['None', null],
  ['True', true],
  ['False', false],
  ['nan', 'NaN'],
  ['inf', 'Infinity'],
  ['-inf', '-Infinity'],
]);
const WORD = /-?[A-Za-z]+/y;
const ESCAPES = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ["'", "'"],
  ['"', '"'],
  ['\\', '\\'],
]);

/**
 * Reads the `repr()` of plain Python data: numbers, strings, None, booleans, lists, tuples and dicts, as JSON values. Anything else,
 * objects, sets, bytes, or a text that Celery has cut, is NOT_A_LITERAL. Evaluates nothing. O(text).
 */
export function parsePythonLiteral(text: string): unknown {
  const reader = new LiteralReader(text);
  const value = reader.value(0);
  return value === NOT_A_LITERAL || !reader.atEnd() ? NOT_A_LITERAL : value;
}

class LiteralReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    return this.#at === this.#text.length;
  }

  value(depth: number): unknown {
    if (depth > MAX_DEPTH) return NOT_A_LITERAL;
    switch (this.#text[this.#at]) {
      case "'":
      case '"':
        return this.#string();
      case '{':
        return this.#dict(depth);
      case '[':
        return this.#list(']', depth);
      case '(':
        return this.#list(')', depth);
      default:
        return this.#scalar();
    }
  }

  #scalar(): unknown {
    const number = this.#match(NUMBER);
    if (number !== null) {
      const value = Number(number.replaceAll('_', ''));
      return Number.isInteger(value) && !Number.isSafeInteger(value) ? number : value;
    }
    const word = this.#match(WORD);
    if (word === null || !WORDS.has(word)) return NOT_A_LITERAL;
    return WORDS.get(word);
  }

  #string(): unknown {
    const quote = this.#text[this.#at];
    let read = '';
    for (let at = this.#at + 1; at < this.#text.length; at += 1) {
      const char = this.#text.charAt(at);
      if (char === quote) {
        this.#at = at + 1;
        return read;
      }
      if (char !== '\\') {
        read += char;
        continue;
      }
      at += 1;
      const marker = this.#text.charAt(at);
      const digits = marker === 'x' ? 2 : marker === 'u' ? 4 : marker === 'U' ? 8 : 0;
      if (digits > 0) {
        const code = Number.parseInt(this.#text.slice(at + 1, at + 1 + digits), 16);
        if (!(code <= 0x10ffff)) return NOT_A_LITERAL;
        read += String.fromCodePoint(code);
        at += digits;
      } else {
        const plain = ESCAPES.get(marker);
        if (plain === undefined) return NOT_A_LITERAL;
        read += plain;
      }
    }
    return NOT_A_LITERAL;
  }

  #list(end: string, depth: number): unknown {
    const items: unknown[] = [];
    this.#at += 1;
    for (;;) {
      this.#spaces();
      if (this.#take(end)) return items;
      const item = this.value(depth + 1);
      if (item === NOT_A_LITERAL) return NOT_A_LITERAL;
      items.push(item);
      this.#spaces();
      if (!this.#take(',') && this.#text[this.#at] !== end) return NOT_A_LITERAL;
    }
  }

  #dict(depth: number): unknown {
    const entries: [string, unknown][] = [];
    this.#at += 1;
    for (;;) {
      this.#spaces();
      if (this.#take('}')) return Object.fromEntries(entries);
      const key = this.value(depth + 1);
      if (key === NOT_A_LITERAL || (typeof key === 'object' && key !== null)) return NOT_A_LITERAL;
      this.#spaces();
      if (!this.#take(':')) return NOT_A_LITERAL;
      this.#spaces();
      const value = this.value(depth + 1);
      if (value === NOT_A_LITERAL) return NOT_A_LITERAL;
      entries.push([String(key), value]);
      this.#spaces();
      if (!this.#take(',') && this.#text[this.#at] !== '}') return NOT_A_LITERAL;
    }
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  #spaces(): void {
    while (this.#text[this.#at] === ' ') this.#at += 1;
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return null;
    this.#at = pattern.lastIndex;
    return found[0];
  }
}
