import type { TaskError } from '../../core/task.js';

/** Bull publishes one sentence and stores another when a job has stalled too often; neither has a class. */
const STALLED = /^job stalled more than (maxStalledCount|allowable limit)$/;
/** p-timeout's message, in bull 3 and 4. */
const TIMED_OUT = /^Promise timed out after \d+ milliseconds$/;
const CLASS = /^(?:Uncaught )?([A-Za-z_$][\w$.]{0,127})(?: \[[^\]\n]{1,64}\])?(?::|\r?\n|$)/;
export const MAX_ERROR_MESSAGE = 2_000;

/** The attempt exceeded Bull's `timeout` option. */
export function isTimeout(message: string | null): boolean {
  return message !== null && TIMED_OUT.test(message);
}

export function isStallFailure(message: string | null): boolean {
  return message !== null && STALLED.test(message);
}

/**
 * Class and message of a failed attempt. The class is the beginning of the stack trace, believed only where the message follows it, as V8
 * writes it; `Error` where there is none, for the class is a metric label and must never be a message.
 */
export function taskError(message: string | null, stack: string | null): TaskError {
  const said = message ?? '';
  return { type: classOf(said, stack), message: said.slice(0, MAX_ERROR_MESSAGE) };
}

function classOf(message: string, stack: string | null): string {
  if (TIMED_OUT.test(message)) return 'TimeoutError';
  if (STALLED.test(message)) return 'StalledError';
  if (stack === null) return 'Error';
  const found = CLASS.exec(stack);
  const type = found?.[1];
  if (!found || !type) return 'Error';
  const rest = stack.slice(found[0].length).trimStart();
  const firstLine = message.split('\n', 1)[0] ?? '';
  const bare = !found[0].endsWith(':');
  return (bare && /^[\s]*at /.test(rest)) || (!bare && rest.startsWith(firstLine)) ? type : 'Error';
}

/**
 * Stack of one attempt out of Bull's `stacktrace`, a JSON array with the newest last, which `stackTraceLimit` may have cut from the front
 * and to which an attempt without a stack adds nothing.
 */
export function stackOfAttempt(stacks: readonly string[], attempt: number, attemptsMade: number): string | null {
  const behind = attemptsMade - attempt;
  return behind < 0 ? null : (stacks[stacks.length - 1 - behind] ?? null);
}

export function parseStacks(json: string | null): readonly string[] {
  if (json === null || json === '') return [];
  try {
    const parsed: unknown = JSON.parse(json);
    return Array.isArray(parsed) ? parsed.filter((item) => typeof item === 'string') : [];
  } catch {
    // Bull 3 with stackTraceLimit can leave a cut string; the class is then unknown and the message still there.
    return [];
  }
}

/** `Type: message` out of the first line of a stack; for attempts whose own message Bull has overwritten. */
export function messageOf(stack: string | null): string | null {
  const line = stack?.split('\n', 1)[0];
  if (line === undefined) return null;
  const colon = line.indexOf(': ');
  return colon === -1 ? '' : line.slice(colon + 2);
}
