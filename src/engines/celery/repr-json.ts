import { NOT_A_LITERAL, parsePythonLiteral } from './python-literal.js';

/** As long as Celery lets it be. */
const LONGEST_REPR = 1_000;
const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/g;
const STRING_OR_WORD = /"[^"\\]*(?:\\.[^"\\]*)*"|true|false|null/g;
const TOKEN = /'[^']*'|[A-Za-z]+|[^'A-Za-z]/g;
const JSON_OF = new Map([
  ['None', 'null'],
  ['True', 'true'],
  ['False', 'false'],
  ['nan', 'NaN'],
  ['inf', 'Infinity'],
  ['e', 'e'],
  ['(', '['],
  [')', ']'],
]);

/**
 * The JSON of a Python value of which only the text is known, or null where that text may stand for more than one value. Celery's text of a
 * string escapes quotes and no backslashes, so whoever meets one cannot tell what it was; what it has cut is no literal.
 */
export function jsonOfRepr(repr: string): string | null {
  if (repr.includes('\\') || repr.includes('"') || parsePythonLiteral(repr) === NOT_A_LITERAL) return null;
  let json = '';
  for (const [token] of repr.matchAll(TOKEN)) {
    if (token.startsWith("'")) json += JSON.stringify(token.slice(1, -1));
    else json += JSON_OF.get(token) ?? token;
  }
  // A tuple of one ends in a comma; keys that are no strings become some, as Celery's own sender makes them.
  const text = outsideStrings(json, (part) =>
    part.replace(/,\s*\]/g, ']').replace(/([{,]\s*)([^\s{},:[\]"]+):/g, '$1"$2":'),
  );
  return isJson(text) ? text : null;
}

/** What Celery's own sender would have written for logs and events. */
export function reprOfJson(json: string): string {
  const repr = json.slice(0, 4 * LONGEST_REPR).replace(STRING_OR_WORD, (token) => {
    if (token === 'null') return 'None';
    if (token === 'true') return 'True';
    if (token === 'false') return 'False';
    return `'${String(JSON.parse(token)).replaceAll("'", "\\'")}'`;
  });
  return repr.length > LONGEST_REPR ? `${repr.slice(0, LONGEST_REPR)}...` : repr;
}

function outsideStrings(json: string, change: (part: string) => string): string {
  // Strings are taken out and put back, so that a rule may look at what stands on both sides of one.
  const strings: string[] = [];
  const bare = json.replace(STRING, (text) => `"#${strings.push(text) - 1}"`);
  return change(bare).replace(/"#(\d+)"/g, (whole, at: string) => strings[Number(at)] ?? whole);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false; // NaN and its like are Python's own, and need not be sent on
  }
}
