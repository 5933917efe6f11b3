import type { TaskError } from '../../core/task.js';

/** Both sentences have been used; neither job has a stack of its own for it. */
const STALLED = /^job stalled more than (maxStalledCount|allowable limit)/;
const CLASS = /^(?:Uncaught )?([A-Za-z_$][\w$.]{0,127})(?: \[[^\]\n]{1,64}\])?(?::|\r?\n|$)/;
const MAX_ERROR_MESSAGE = 2_000;

/**
 * Class and message of a failed attempt. The class is the beginning of the stack trace, believed only where the message follows it, as V8
 * writes it; `Error` where there is none, for the class is a metric label and must never be a message.
 */
export function taskError(message: string | null, stack: string | null): TaskError {
  const said = message ?? messageOfStack(stack);
  return { type: classOf(said, stack), message: said.slice(0, MAX_ERROR_MESSAGE) };
}

function classOf(message: string, stack: string | null): string {
  if (STALLED.test(message)) return 'StalledError';
  // A parent that fails because of a child: the library's own sentence, with a key in it and no class.
  if (/^child \S+ failed$/.test(message)) return 'ChildFailedError';
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
function messageOfStack(stack: string | null): string {
  const line = stack?.split('\n', 1)[0] ?? '';
  const colon = line.indexOf(': ');
  return colon === -1 ? '' : line.slice(colon + 2);
}

/**
 * Stack of one attempt out of `stacktrace`, a JSON array with the newest last, which `stackTraceLimit` may have cut from the front. `made` is
 * the number of failed attempts when it was read.
 */
export function stackOfAttempt(stacks: readonly string[], attempt: number, made: number): string | null {
  const behind = made - attempt;
  return behind < 0 ? null : (stacks[stacks.length - 1 - behind] ?? null);
}

export function parseStacks(json: string | null): readonly string[] {
  if (json === null || json === '') return [];
  try {
    const parsed: unknown = JSON.parse(json);
    return Array.isArray(parsed) ? parsed.filter((item) => typeof item === 'string') : [];
  } catch {
    // Other languages' ports may store plain text; the class is then unknown and the message still there.
    return [];
  }
}
