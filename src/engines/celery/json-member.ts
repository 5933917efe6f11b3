import { endOfString } from './python-json.js';

/**
 * The text of one member of a JSON object, exactly as written: what is parsed and written again is not what it was, for Python tells 1.0 from
 * 1 and knows integers of any length. null where there is none. O(text).
 */
export function jsonMember(json: string, name: string): string | null {
  let depth = 0;
  let key = '';
  let from = -1;
  for (let at = 0; at < json.length; at += 1) {
    const char = json.charAt(at);
    if (char === '"') {
      const end = endOfString(json, at + 1);
      if (depth === 1 && from === -1) key = json.slice(at + 1, end - 1);
      at = end - 1;
    } else if (depth === 1 && from !== -1 && (char === ',' || char === '}')) {
      return json.slice(from, at).trim();
    } else if (char === '{' || char === '[') {
      depth += 1;
    } else if (char === '}' || char === ']') {
      depth -= 1;
    } else if (char === ':' && depth === 1 && key === name) {
      from = at + 1;
    }
  }
  return null;
}
