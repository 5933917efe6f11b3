import type { StoredTask } from '../core/history-store.js';
import { type LiveTask, summarise } from '../core/live-task.js';
import type { TaskPayload } from '../core/task.js';

/** A task as it is now: the live record goes on changing. */
export function storedTask(task: LiveTask, payload: TaskPayload): StoredTask {
  return {
    ...summarise(task),
    ...payload,
    result: task.result,
    attemptHistory: [...task.attemptHistory],
    facts: [...task.facts],
  };
}
