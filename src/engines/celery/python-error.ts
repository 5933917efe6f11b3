import type { TaskError } from '../../core/task.js';
import { fieldsOf, listIn, textIn } from './json-fields.js';
import { NOT_A_LITERAL, parsePythonLiteral } from './python-literal.js';

const MAX_MESSAGE = 2_000;
const CALL = /^([A-Za-z_][\w.]*)\((.*)\)$/s;
const LAST_LINE = /(?:^|\n)([A-Za-z_][\w.]*)(?::\s?([^\n]*))?\n?$/;
/** Says nothing: what Celery really caught stands in the last line of the traceback. */
const WRAPPER = 'ExceptionWithTraceback';

const TIMEOUTS = new Set(['SoftTimeLimitExceeded', 'TimeLimitExceeded']);

export function isTimeout(error: TaskError): boolean {
  return TIMEOUTS.has(error.type);
}

/** From an event's `exception`, which is Python source text, and its traceback. */
export function errorOfEvent(exception: unknown, traceback: unknown): TaskError {
  const repr = textIn(exception) ?? '';
  const call = CALL.exec(repr);
  if (call !== null && call[1] !== WRAPPER) return error(call[1] ?? '', argumentText(call[2] ?? ''));
  const last = LAST_LINE.exec(textIn(traceback) ?? '');
  if (last !== null) {
    const said = last[2] ?? '';
    const inner = CALL.exec(said);
    return error(last[1] ?? '', inner === null ? said : argumentText(inner[2] ?? ''));
  }
  return error(/^[A-Za-z_][\w.]*/.exec(repr)?.[0] ?? 'Exception', repr);
}

/** From a stored result: `{exc_type, exc_message, exc_module}`. */
export function errorOfResult(result: unknown): TaskError | null {
  const fields = fieldsOf(result);
  const type = textIn(fields?.exc_type);
  if (fields === null || type === null) return null;
  const message = fields.exc_message;
  const parts = Array.isArray(message) ? listIn(message) : [message];
  return error(type, parts.map((part) => (typeof part === 'string' ? part : (JSON.stringify(part) ?? ''))).join(', '));
}

/** Secrets are taken out where all errors come in, by rules that may be about the task's name. */
function error(type: string, message: string): TaskError {
  return { type: type.slice(type.lastIndexOf('.') + 1), message: message.slice(0, MAX_MESSAGE) };
}

function argumentText(text: string): string {
  const value = parsePythonLiteral(text);
  return value !== NOT_A_LITERAL && typeof value === 'string' ? value : text;
}
