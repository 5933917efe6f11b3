import { type ParseArgsConfig, parseArgs } from 'node:util';
import { SettingsError } from '../config/settings-error.js';
import { messageOf } from '../core/errors.js';

type Options = NonNullable<ParseArgsConfig['options']>;
interface Strictly<T extends Options> {
  readonly options: T;
  readonly allowPositionals: true;
  readonly strict: true;
}

/** Strict `parseArgs`: an unknown or malformed flag is a SettingsError that names it. */
export function parseOptions<const T extends Options>(
  words: readonly string[],
  options: T,
): ReturnType<typeof parseArgs<Strictly<T>>> {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
  } catch (error) {
    const [found] = messageOf(error).split('. ');
    throw new SettingsError([`command line: expected the flags that --help shows, found: ${found}`]);
  }
}

/** Flags of every command that asks a running service. */
export const CLIENT_OPTIONS = {
  url: { type: 'string' },
  json: { type: 'boolean' },
} as const;

export const CLIENT_HELP = [
  flagTable([
    ['--url URL', 'where the service is (TASKSCOPE_URL, else http://127.0.0.1:8000)'],
    ['--json', 'one JSON object a line, as the API tells it'],
  ]),
  '',
  'TASKSCOPE_TOKEN, where set, is sent as a bearer token: on the command line other users of the machine could read it.',
].join('\n');

/** Rows of `--flag VALUE` and what it means. */
export function flagTable(rows: readonly (readonly [flag: string, help: string])[]): string {
  return rows.map(([flag, help]) => `  ${flag.padEnd(24)}${help}`).join('\n');
}

/** A whole number above 0; null where the flag is not given. */
export function countOf(flag: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1) return count;
  throw new SettingsError([`${flag}: expected a whole number above 0, found ${JSON.stringify(text)}`]);
}
