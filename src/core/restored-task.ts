import { factsOf } from './apply-event.js';
import type { StoredTask } from './history-store.js';
import { type LiveTask, newLiveTask } from './live-task.js';

/**
 * A live record from a stored one. The places of the last start and of the fact that decided the state follow from the facts, so they are not
 * stored. What was told of the wait or the run time is not told again.
 */
export function restoredTask(stored: StoredTask): LiveTask {
  const task = newLiveTask(stored.source, stored.engine, stored.id);
  task.name = stored.name;
  task.queue = stored.queue;
  task.state = stored.state;
  task.worker = stored.worker;
  task.sentAt = stored.sentAt;
  task.eta = stored.eta;
  task.startedAt = stored.startedAt;
  task.finishedAt = stored.finishedAt;
  task.runtimeMs = stored.runtimeMs;
  task.attempts = stored.attempts ?? 0;
  task.error = stored.error;
  task.attemptHistory = [...stored.attemptHistory];
  task.facts.push(...stored.facts);
  for (const { occurrence, rank, starts, decides } of factsOf(stored.facts)) {
    if (starts) task.startOccurrence = Math.max(task.startOccurrence, occurrence);
    const later = occurrence > task.stateOccurrence || (occurrence === task.stateOccurrence && rank > task.stateRank);
    if (!decides || !later) continue;
    task.stateOccurrence = occurrence;
    task.stateRank = rank;
  }
  const [first] = stored.attemptHistory;
  if (first?.number === 1) task.firstStartedAt = first.startedAt;
  task.waitTold = task.firstStartedAt !== null && (task.eta ?? task.sentAt) !== null;
  const unstarted = task.finishedAt !== null && task.runtimeMs === null ? stored.attemptHistory.at(-1) : undefined;
  if (unstarted !== undefined && unstarted.outcome !== null && unstarted.endedAt !== null) {
    task.untimed = { outcome: unstarted.outcome, occurrence: task.stateOccurrence, at: unstarted.endedAt };
  }
  return task;
}
