import type { TaskError } from '../../core/task.js';
import { jobError } from '../jobs/job-error.js';

/** p-timeout's message, in bull 3 and 4. */
const TIMED_OUT = /^Promise timed out after \d+ milliseconds$/;

/** The attempt exceeded Bull's `timeout` option. */
export function isTimeout(message: string | null): boolean {
  return message !== null && TIMED_OUT.test(message);
}

export function taskError(message: string | null, stack: string | null): TaskError {
  return jobError(message ?? '', stack, (said) => (isTimeout(said) ? 'TimeoutError' : null));
}
