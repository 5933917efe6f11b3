import { REDACTED, type Redactor } from '../../core/redaction.js';
import { NOT_A_LITERAL, parsePythonLiteral } from './python-literal.js';

/** Celery cuts the text of arguments and results near 1024 characters, and marks the place with three dots. */
const CUT_FROM = 1000;
/** A sender may write a text of its own, of any length. */
const MAX_TEXT = 8 * 1024;
const KEYED = /(['"])([^'"\\]{1,60})\1: ('(?:[^'\\]|\\.)*(?:'|$)|"(?:[^"\\]|\\.)*(?:"|$)|[^\s,{}[\]()]+|(?=[{[(]))/g;

/** A Python value of which only the text is known. */
export interface PythonText {
  readonly repr: string;
  /** It is not whole: nobody but the result backend or the broker knows the rest. */
  readonly truncated: boolean;
}

/** Plain data as JSON; anything else, or anything cut, as the text it is. Without secrets either way. */
export function valueOfRepr(repr: string, redact: Redactor): unknown {
  const value = parsePythonLiteral(repr);
  if (value !== NOT_A_LITERAL) return redact(value);
  // Keys first: they know where Python's values end, which free text does not.
  const shown = redact(hideKeyed(repr.slice(0, MAX_TEXT), redact));
  const truncated = repr.length > MAX_TEXT || (repr.length >= CUT_FROM && repr.includes('...'));
  return { repr: typeof shown === 'string' ? shown : REDACTED, truncated } satisfies PythonText;
}

/** In a text that cannot be parsed, what stands after a telling key; after one that opens a list or a dict, everything. */
function hideKeyed(text: string, redact: Redactor): string {
  let shown = '';
  let from = 0;
  for (const found of text.matchAll(KEYED)) {
    const [whole, quote = '', key = '', value = ''] = found;
    if (!isTelling(key, redact)) continue;
    shown += `${text.slice(from, found.index)}${quote}${key}${quote}: '${REDACTED}'`;
    from = found.index + whole.length;
    if (value === '') return shown;
  }
  return shown + text.slice(from);
}

function isTelling(key: string, redact: Redactor): boolean {
  const probe = { [key]: 'x' };
  return redact(probe) !== probe;
}
