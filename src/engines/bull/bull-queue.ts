import { JobQueue } from '../jobs/job-queue.js';

export class BullQueue extends JobQueue {
  /** False once a finished task was found gone: Bull was told to remove them, so looking for them is mostly in vain. */
  keepsFinished = true;
}
