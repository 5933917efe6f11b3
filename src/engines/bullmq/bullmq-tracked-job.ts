import type { TaskError } from '../../core/task.js';
import { type TaskEvent, type TaskEventKind, taskEvent } from '../../core/task-event.js';
import { stackOfAttempt } from '../jobs/job-error.js';
import { taskError } from './bullmq-error.js';
import type { BriefJob } from './bullmq-job-hash.js';
import type { JobLook } from './bullmq-job-reader.js';
import type { BullmqQueue } from './bullmq-queue.js';
import type { EntryKind } from './bullmq-stream-entry.js';
import { type EndedJob, type TrackedJob, UNSTARTED } from './bullmq-task-tracker.js';

/** How a job that is met late is tracked, and what its own counters say of its attempts. */

/**
 * A job that was added before we watched, met at one of its entries. The look came after all entries that were read together, so that the
 * starts they tell of, and what followed from these, are in the job's counters already.
 */
export function metByEntry(
  kind: EntryKind,
  { brief, startsTold }: JobLook,
  earlier: EndedJob | undefined,
): Omit<TrackedJob, 'base'> {
  const starts = kind === 'active';
  const startedBefore = Math.max(0, (brief?.started ?? 0) - Math.max(startsTold, starts ? 1 : 0));
  const attempt = earlier?.attempt ?? startedBefore;
  return {
    ...UNSTARTED,
    name: brief?.name ?? null,
    sentAt: brief?.sentAt ?? null,
    eta: brief?.eta ?? null,
    state: kind === 'completed' || kind === 'failed' ? 'active' : 'waiting',
    attempt,
    retried: Math.max(0, attempt - 1),
    ended: brief === null || brief.ended === null ? null : Math.min(brief.ended, startedBefore),
    startedAt: starts ? null : (brief?.processedOn ?? null),
    worker: brief?.worker ?? null,
  };
}

/** A job found running when its queue is first seen. */
export function metRunning(brief: BriefJob): Omit<TrackedJob, 'base'> {
  return {
    ...UNSTARTED,
    name: brief.name,
    sentAt: brief.sentAt,
    eta: brief.eta,
    state: 'active',
    attempt: brief.started,
    retried: Math.max(0, brief.started - 1),
    ended: brief.ended,
    startedAt: brief.processedOn,
    worker: brief.worker,
    primed: true,
  };
}

/** Why an attempt failed, `ended` being its number among the failed. By now a later one may have failed too: then the stored message is that one's. */
export function errorOfAttempt(ended: number | null, brief: BriefJob | null, stacks: readonly string[]): TaskError {
  const made = failuresOf(brief, stacks);
  const latest = made === null || ended === null || made <= ended;
  const stack = latest ? (stacks[stacks.length - 1] ?? null) : stackOfAttempt(stacks, ended, made);
  return taskError(latest ? (brief?.failedReason ?? null) : null, stack);
}

/** Failed attempts by now: a success counts as an end, and leaves no stack. */
function failuresOf(brief: BriefJob | null, stacks: readonly string[]): number | null {
  if (brief === null || brief.ended === null) return null;
  return brief.finishedOn !== null && stacks.length < brief.ended ? brief.ended - 1 : brief.ended;
}

/** True where the attempt is over, as against put back. A job that is gone, or whose version does not count, is taken at the entry's word. */
export function attemptEnded(job: TrackedJob, brief: BriefJob | null): boolean {
  if (brief === null || brief.ended === null || job.ended === null) return true;
  return brief.ended > job.ended;
}

/** A start that was known before its entry has none to come once the job has gone on from it. */
export function leave(job: TrackedJob, state: TrackedJob['state'], at: number): void {
  job.state = state;
  if (job.primed && at >= (job.startedAt ?? 0)) job.primed = false;
}

/** An event about a job, with what is known of it. */
export function eventOf(
  kind: TaskEventKind,
  queue: BullmqQueue,
  jobId: string,
  job: TrackedJob | null,
  at: number,
  said: Partial<TaskEvent>,
): TaskEvent {
  return taskEvent(kind, queue.taskId(jobId), at, {
    occurrence: job && job.attempt > 0 ? job.base + job.attempt : null,
    name: job?.name == null ? null : queue.taskName(job.name),
    queue: queue.label,
    ...said,
  });
}
