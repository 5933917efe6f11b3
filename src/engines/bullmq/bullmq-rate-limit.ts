import type { QueueLimits } from '../../core/queue.js';

/** What `worker.rateLimit(ms)` writes, so that no limit is high enough. */
const ASKED_FOR = Number.MAX_SAFE_INTEGER;

/**
 * How long a used-up rate holds the queue's workers back, in milliseconds. `started`: jobs of this period, as the `limiter` key counts them;
 * `periodLeft`: its time to live. Where the limit is an option of the workers the key is there and the limit is not: then nobody can tell.
 */
export function heldBack(
  rate: QueueLimits['rate'],
  started: number | null,
  periodLeft: number | null,
): QueueLimits['heldBackMs'] {
  if (started === null || periodLeft === null || periodLeft <= 0) return 0;
  // As text it may have lost its last digits on the way.
  if (started >= ASKED_FOR - 1) return periodLeft;
  if (rate === null) return null;
  return started >= rate.tasks ? periodLeft : 0;
}
