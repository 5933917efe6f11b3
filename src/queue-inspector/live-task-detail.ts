import { type LiveTask, summarise } from '../core/live-task.js';
import type { Source } from '../core/source.js';
import type { TaskDetail, TaskTimelineEntry } from '../core/task.js';

/**
 * Joins what the broker stores of a task with what events told of it. The broker's word comes first; memory adds the attempts and moments
 * that the broker forgets. null where neither knows the task.
 */
export function detailOf(source: Source, stored: TaskDetail | null, live: LiveTask | null): TaskDetail | null {
  if (live === null) return stored;
  if (stored === null) return fromMemory(source, live);
  const attemptHistory =
    live.attemptHistory.length >= stored.attemptHistory.length ? [...live.attemptHistory] : stored.attemptHistory;
  return {
    ...stored,
    name: stored.name ?? live.name,
    worker: stored.worker ?? live.worker,
    startedAt: stored.startedAt ?? live.startedAt,
    finishedAt: stored.finishedAt ?? live.finishedAt,
    runtimeMs: stored.runtimeMs ?? live.runtimeMs,
    attempts: Math.max(stored.attempts ?? 0, live.attempts),
    attemptHistory,
    timeline: timelineOf({ ...stored, attemptHistory }),
  };
}

function fromMemory(source: Source, live: LiveTask): TaskDetail {
  const summary = summarise(live);
  const attemptHistory = [...live.attemptHistory];
  return {
    ...summary,
    engine: source.engine,
    args: null,
    kwargs: null,
    result: live.result ?? null,
    traceback: null,
    progress: live.progress ?? null,
    priority: null,
    maxAttempts: null,
    logs: null,
    attemptHistory,
    timeline: timelineOf({ ...summary, attemptHistory }),
    parentId: null,
    rootId: null,
    childIds: [],
    raw: {},
  };
}

const ENDED = {
  success: 'succeeded',
  failure: 'failed',
  retry: 'retried',
  revoked: 'revoked',
  rejected: 'rejected',
} as const;

export function timelineOf(task: Pick<TaskDetail, 'sentAt' | 'eta' | 'attemptHistory'>): readonly TaskTimelineEntry[] {
  const entries: TaskTimelineEntry[] = [];
  if (task.sentAt !== null) entries.push({ at: task.sentAt, what: 'sent', attempt: null, worker: null });
  if (task.eta !== null) entries.push({ at: task.eta, what: 'due', attempt: null, worker: null });
  for (const { number: attempt, worker, startedAt, endedAt, outcome } of task.attemptHistory) {
    if (startedAt !== null) entries.push({ at: startedAt, what: 'started', attempt, worker });
    if (endedAt !== null && outcome !== null) entries.push({ at: endedAt, what: ENDED[outcome], attempt, worker });
  }
  return entries.sort((a, b) => a.at - b.at);
}
