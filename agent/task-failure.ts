import { inspect } from 'node:util';
import type { TaskFact } from './protocol.js';

const MAX_MESSAGE = 1000;
/** Anything else is not the name of a class, and would make an unbounded metric label. */
const CLASS_NAME = /^[\p{L}_$][\p{L}\p{N}_$.:-]{0,99}$/u;

/** Class and message of whatever a processor rejected with. */
export function describeFailure(failure: unknown): NonNullable<TaskFact['error']> {
  if (failure === undefined || failure === null) return { type: 'Error', message: 'rejected without a reason' };
  if (!isErrorLike(failure)) return { type: 'Error', message: asText(failure) };
  return { type: classOf(failure), message: asText(failure.message) };
}

/** Bull's own time limit, and not a TimeoutError of the application, such as one of AbortSignal.timeout(). */
export function isBullTimeout(failure: unknown, timeoutMs: unknown): boolean {
  return (
    isErrorLike(failure) &&
    'name' in failure &&
    failure.name === 'TimeoutError' &&
    failure.message === `Promise timed out after ${String(timeoutMs)} milliseconds`
  );
}

/** `class QuotaExceeded extends Error` keeps the name Error unless its author sets it; its constructor knows better. */
function classOf(failure: object): string {
  const name: unknown = Reflect.get(failure, 'name');
  if (typeof name === 'string' && name !== 'Error' && CLASS_NAME.test(name)) return name;
  const constructorName = typeof failure.constructor === 'function' ? failure.constructor.name : '';
  return constructorName !== 'Object' && CLASS_NAME.test(constructorName) ? constructorName : 'Error';
}

function isErrorLike(failure: unknown): failure is { readonly message: unknown } {
  return typeof failure === 'object' && failure !== null && 'message' in failure;
}

function asText(value: unknown): string {
  const text = typeof value === 'string' ? value : inspect(value, { depth: 1 });
  return text.slice(0, MAX_MESSAGE);
}
