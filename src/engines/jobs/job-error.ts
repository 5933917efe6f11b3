import type { TaskError } from '../../core/task.js';
import { parseJson } from './parse-json.js';

/** Both libraries use both sentences; a job that has stalled too often has no class and no stack for it. */
const STALLED = /^job stalled more than (maxStalledCount|allowable limit)/;
const CLASS = /^(?:Uncaught )?([A-Za-z_$][\w$.]{0,127})(?: \[[^\]\n]{1,64}\])?(?::|\r?\n|$)/;
export const MAX_ERROR_MESSAGE = 2_000;

export function isStallFailure(message: string | null): boolean {
  return message !== null && STALLED.test(message);
}

/**
 * Class and message of a failed attempt. The class is the beginning of the stack trace, believed only where the message follows it, as V8
 * writes it; `Error` where there is none, for the class is a metric label and must never be a message. `ofLibrary` knows the sentences that
 * the library writes itself, which have no class.
 */
export function jobError(
  message: string,
  stack: string | null,
  ofLibrary: (message: string) => string | null,
): TaskError {
  const type = isStallFailure(message) ? 'StalledError' : (ofLibrary(message) ?? classIn(message, stack));
  return { type, message: message.slice(0, MAX_ERROR_MESSAGE) };
}

function classIn(message: string, stack: string | null): string {
  if (stack === null) return 'Error';
  const found = CLASS.exec(stack);
  const type = found?.[1];
  if (!found || !type) return 'Error';
  const rest = stack.slice(found[0].length).trimStart();
  const firstLine = message.split('\n', 1)[0] ?? '';
  const bare = !found[0].endsWith(':');
  return (bare && /^\s*at /.test(rest)) || (!bare && rest.startsWith(firstLine)) ? type : 'Error';
}

/** The message in the first line of a stack; for attempts whose own message has been overwritten by a later one. */
export function messageOfStack(stack: string): string {
  const line = stack.split('\n', 1)[0] ?? '';
  const colon = line.indexOf(': ');
  return colon === -1 ? '' : line.slice(colon + 2);
}

/**
 * Stack of one attempt out of `stacktrace`, a JSON array with the newest last, which `stackTraceLimit` may have cut from the front and to
 * which an attempt without a stack adds nothing. `made` is the number of failed attempts when it was read.
 */
export function stackOfAttempt(stacks: readonly string[], attempt: number, made: number): string | null {
  const behind = made - attempt;
  return behind < 0 ? null : (stacks[stacks.length - 1 - behind] ?? null);
}

/** Bull 3 with stackTraceLimit can leave a cut string, ports to other languages plain text: the class is then unknown, the message still there. */
export function parseStacks(json: string | null): readonly string[] {
  const parsed = json === null ? undefined : parseJson(json);
  return Array.isArray(parsed) ? parsed.filter((item) => typeof item === 'string') : [];
}
