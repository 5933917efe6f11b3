import type { EngineEvent } from '../../../core/task-event.js';
import { taskEvent } from '../../../core/task-event.js';
import type { BullmqQueue } from '../bullmq-queue.js';
import type { BullmqTaskTracker } from '../bullmq-task-tracker.js';

/**
 * Tells of tasks that have not run and are gone by our doing: of tasks cleaned the library tells its stream how many they were, not which.
 * Those that nobody has heard of are not told.
 */
export function tellCleaned(
  {
    tracker,
    emit,
    now,
  }: { readonly tracker: BullmqTaskTracker; readonly emit: (event: EngineEvent) => void; now(): number },
  queue: BullmqQueue,
  jobIds: readonly string[],
): void {
  for (const jobId of jobIds) {
    const job = tracker.get(queue, jobId);
    if (!job) continue;
    const attempt = job.attempt + 1;
    emit(
      taskEvent('task-revoked', queue.taskId(jobId), now(), {
        occurrence: job.base + attempt,
        name: job.name === null ? null : queue.taskName(job.name),
        queue: queue.label,
        sentAt: job.sentAt,
      }),
    );
    tracker.end(queue, jobId, { base: job.base, attempt, repaired: false });
  }
}
