import { isStallFailure } from '../jobs/job-error.js';
import type { JobQueue } from '../jobs/job-queue.js';
import type { OutcomeHolder } from '../jobs/outcome-holder.js';
import type { HeldEnds } from './bull-position.js';

/** Ends that were heard and wait for an agent to tell them, by queue. */
export function heldEnds(holder: OutcomeHolder): ReadonlyMap<JobQueue, HeldEnds> {
  const held = new Map<JobQueue, HeldEnds>();
  for (const { queue, event } of holder.held()) {
    if (event.kind === 'task-retried') continue;
    const ends = held.get(queue) ?? { ends: 0, succeeded: 0, failed: 0 };
    ends.ends += 1;
    if (event.kind === 'task-succeeded') ends.succeeded += 1;
    else if (!isStallFailure(event.error?.message ?? null)) ends.failed += 1;
    held.set(queue, ends);
  }
  return held;
}
