import type { StoredTask } from '../core/history-store.js';
import type { LiveTask } from '../core/live-task.js';
import type { TaskPayload } from '../core/task.js';

/** A task as it is now: the live record goes on changing. Every field is named: spreading two objects costs ten times as much. */
export function storedTask(task: LiveTask, payload: TaskPayload): StoredTask {
  return {
    source: task.source,
    engine: task.engine,
    id: task.id,
    name: task.name,
    queue: task.queue,
    state: task.state,
    worker: task.worker,
    sentAt: task.sentAt,
    eta: task.eta,
    startedAt: task.startedAt,
    finishedAt: task.finishedAt,
    runtimeMs: task.runtimeMs,
    attempts: task.attempts,
    error: task.error,
    args: payload.args,
    kwargs: payload.kwargs,
    traceback: payload.traceback,
    parentId: payload.parentId,
    rootId: payload.rootId,
    result: task.result,
    attemptHistory: task.attemptHistory.slice(),
    facts: task.facts.slice(),
  };
}
