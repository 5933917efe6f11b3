import { stripVTControlCharacters } from 'node:util';
import type { Terminal } from './command.js';

const CODES = { red: 31, green: 32, yellow: 33, blue: 34, cyan: 36, dim: 2, bold: 1 } as const;
export type Colour = keyof typeof CODES;

/** Colours on a terminal only, and not where NO_COLOR asks for none (no-color.org). */
export function painter(terminal: Terminal): (colour: Colour | null, text: string) => string {
  const plain = !terminal.interactive || Boolean(terminal.environment.NO_COLOR);
  return (colour, text) => (plain || colour === null ? text : `\u001b[${CODES[colour]}m${text}\u001b[0m`);
}

/** What came from a broker, made harmless: one line that steers no terminal. */
export function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (character) =>
    JSON.stringify(character).slice(1, -1),
  );
}

const MAX_COLUMN = 48;

/** Rows with their columns under each other. The last column is as long as it is. */
export function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, Math.min(width(cell), MAX_COLUMN));
  }
  return rows.map((row) =>
    row
      .map((cell, at) =>
        at === row.length - 1 ? cell : cell + ' '.repeat(Math.max(0, (widths[at] ?? 0) - width(cell))),
      )
      .join('  ')
      .trimEnd(),
  );
}

function width(text: string): number {
  return stripVTControlCharacters(text).length;
}
