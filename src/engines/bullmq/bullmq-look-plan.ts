import type { LookRequest } from './bullmq-job-reader.js';
import type { BullmqQueue } from './bullmq-queue.js';
import type { StreamEntry } from './bullmq-stream-entry.js';
import type { BullmqTaskTracker, TrackedJob } from './bullmq-task-tracker.js';

/** Starts per batch of which the worker is asked for, where a queue has several. */
const MAX_LOCKS = 200;

/**
 * Which jobs have to be looked at before a batch of entries can be told: those that are new to us, failures for their stacks, and attempts
 * that may have ended without saying so. Jobs added, run and completed under our eyes need none.
 */
export class BullmqLookPlan {
  readonly requests = new Map<string, LookRequest>();
  /** Starts told of each of these jobs. */
  readonly starts = new Map<string, number>();
  readonly #tracker: BullmqTaskTracker;
  #locks = 0;

  constructor(tracker: BullmqTaskTracker) {
    this.#tracker = tracker;
  }

  /** `askWorker`: the queue's tasks may run at several workers. */
  add(queue: BullmqQueue, entries: readonly StreamEntry[], askWorker: boolean): void {
    const places = new Map<string, TrackedJob['state'] | 'over'>();
    for (const { kind, jobId } of entries) {
      const tracked = places.has(jobId) ? undefined : this.#tracker.get(queue, jobId);
      const place = places.get(jobId) ?? (tracked?.name === null ? undefined : tracked?.state);
      switch (kind) {
        case 'added':
          places.set(jobId, 'added');
          break;
        case 'waiting':
        case 'delayed':
        case 'waiting-children':
          if (place === undefined || place === 'over') this.#look(queue, jobId, false, false);
          else if (place === 'active') this.#look(queue, jobId, true, false);
          places.set(jobId, kind === 'waiting-children' ? 'children' : kind);
          break;
        case 'active': {
          const lock = askWorker && this.#locks < MAX_LOCKS;
          if (lock) this.#locks += 1;
          if (place === undefined || place === 'over' || place === 'active' || lock) {
            this.#look(queue, jobId, place === 'active', lock);
          }
          // Others are tracked already.
          const key = lookKey(queue, jobId);
          if (this.requests.has(key)) this.starts.set(key, (this.starts.get(key) ?? 0) + 1);
          places.set(jobId, 'active');
          break;
        }
        case 'completed':
        case 'failed':
          if (place === undefined || kind === 'failed') this.#look(queue, jobId, kind === 'failed', false);
          places.set(jobId, 'over');
          break;
        default:
      }
    }
  }

  #look(queue: BullmqQueue, jobId: string, failure: boolean, lock: boolean): void {
    const key = lookKey(queue, jobId);
    const known = this.requests.get(key);
    this.requests.set(key, {
      queue,
      jobId,
      failure: failure || known?.failure === true,
      lock: lock || known?.lock === true,
    });
  }
}

export function lookKey(queue: BullmqQueue, jobId: string): string {
  return `${queue.key} ${jobId}`;
}
