import type { TaskFact } from '../../../agent/protocol.js';
import { type TaskEvent, type TaskEventKind, taskEvent } from '../../core/task-event.js';
import type { JobQueue } from './job-queue.js';
import { MAX_VALUE } from './parse-json.js';

export const FACT_EVENT: Readonly<Record<TaskFact['kind'], TaskEventKind>> = {
  started: 'task-started',
  succeeded: 'task-succeeded',
  failed: 'task-failed',
  retried: 'task-retried',
  revoked: 'task-revoked',
};

/** What an agent tells, as an event. `occurrence`: the number of the attempt, over all lives of the job's id. */
export function factEvent(
  queue: JobQueue,
  fact: TaskFact,
  occurrence: number,
  worker: string | null,
  redact: (value: unknown) => unknown,
): TaskEvent {
  return taskEvent(FACT_EVENT[fact.kind], queue.taskId(fact.jobId), fact.at, {
    occurrence,
    name: queue.taskName(fact.jobName),
    queue: queue.label,
    worker,
    runtimeMs: fact.runtimeMs,
    sentAt: fact.sentAt,
    eta: fact.eta,
    error: fact.error,
    timedOut: fact.timedOut,
    value: fact.result === undefined || fact.resultBytes > MAX_VALUE ? undefined : redact(fact.result),
    valueBytes: fact.resultBytes,
  });
}
