import type { TaskError } from '../../core/task.js';
import { jobError, messageOfStack } from '../jobs/job-error.js';

/** A parent that fails because of a child: the library's own sentence, with a key in it and no class. */
const CHILD_FAILED = /^child \S+ failed$/;

export function taskError(message: string | null, stack: string | null): TaskError {
  const said = message ?? (stack === null ? '' : messageOfStack(stack));
  return jobError(said, stack, (text) => (CHILD_FAILED.test(text) ? 'ChildFailedError' : null));
}
