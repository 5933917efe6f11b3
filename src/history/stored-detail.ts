import type { StoredTask } from '../core/history-store.js';
import type { TaskDetail } from '../core/task.js';
import { timelineOf } from '../queue-inspector/live-task-detail.js';

/** What a broker tells of a task, with what only the history still knows. */
export function completed(found: TaskDetail, stored: StoredTask): TaskDetail {
  const attemptHistory =
    stored.attemptHistory.length > found.attemptHistory.length ? stored.attemptHistory : found.attemptHistory;
  const sentAt = found.sentAt ?? stored.sentAt;
  return {
    ...found,
    name: found.name ?? stored.name,
    queue: found.queue ?? stored.queue,
    worker: found.worker ?? stored.worker,
    sentAt,
    startedAt: found.startedAt ?? stored.startedAt,
    finishedAt: found.finishedAt ?? stored.finishedAt,
    runtimeMs: found.runtimeMs ?? stored.runtimeMs,
    attempts: found.attempts ?? stored.attempts,
    result: found.result ?? stored.result ?? null,
    error: found.error ?? (found.state === stored.state ? stored.error : null),
    attemptHistory,
    timeline:
      attemptHistory === found.attemptHistory ? found.timeline : timelineOf({ sentAt, eta: found.eta, attemptHistory }),
  };
}

/** A task that only the history knows. */
export function detailFromStored(stored: StoredTask): TaskDetail {
  const { facts: _, result, ...task } = stored;
  return {
    ...task,
    args: null,
    kwargs: null,
    result: result ?? null,
    traceback: null,
    progress: null,
    priority: null,
    maxAttempts: null,
    logs: null,
    timeline: timelineOf(stored),
    parentId: null,
    rootId: null,
    childIds: [],
    raw: {},
  };
}
