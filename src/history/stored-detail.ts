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
    args: found.args ?? stored.args ?? null,
    kwargs: found.kwargs ?? stored.kwargs ?? null,
    traceback: found.traceback ?? (found.state === stored.state ? stored.traceback : null),
    parentId: found.parentId ?? stored.parentId,
    // What was read while the whole family was there: of one that is partly gone the broker tells the highest that is left.
    rootId: stored.rootId ?? found.rootId,
    error: found.error ?? (found.state === stored.state ? stored.error : null),
    attemptHistory,
    timeline:
      attemptHistory === found.attemptHistory ? found.timeline : timelineOf({ sentAt, eta: found.eta, attemptHistory }),
  };
}

/** A task that only the history knows. */
export function detailFromStored(stored: StoredTask): TaskDetail {
  const { facts: _, result, args, kwargs, traceback, ...task } = stored;
  return {
    ...task,
    args: args ?? null,
    kwargs: kwargs ?? null,
    result: result ?? null,
    // Of an attempt that came to nothing: not of a task that went well after all.
    traceback: stored.error === null ? null : traceback,
    progress: null,
    priority: null,
    maxAttempts: null,
    logs: null,
    timeline: timelineOf(stored),
    childIds: [],
    raw: {},
  };
}
