import { ActionRefused, CountExceeded, QueueNotFound } from '../../core/errors.js';
import type { QueueActionReport, QueueActionRequest } from '../../core/queue-action.js';
import type { CeleryTransport } from './transport/celery-transport.js';

/**
 * Removes what waits in a queue of the broker. What workers have taken already, tasks with a time included, is theirs: only a revocation
 * reaches it. Errors: QueueNotFound, CountExceeded, ActionRefused.
 */
export async function drainQueue(
  transport: CeleryTransport,
  queue: string,
  { action, atMost, dryRun }: QueueActionRequest,
  signal: AbortSignal,
): Promise<QueueActionReport> {
  if (action.kind !== 'drain' || action.delayed) {
    throw new ActionRefused(
      'expected to drain without the delayed tasks: Celery’s workers hold those, and let go of one that is revoked',
      { reason: 'engine' },
    );
  }
  const purge = await transport.purge(queue, { atMost, dryRun }, signal);
  if (purge === null) throw new QueueNotFound(`expected the name of a queue, found "${queue}"`, { name: queue });
  const { found, removed } = purge;
  if (atMost !== null && found > atMost) {
    throw new CountExceeded(
      `expected to drain at most ${atMost} tasks of queue "${queue}", found ${found}; nothing was removed`,
      { expected_count: atMost, found_count: found },
    );
  }
  const place = (waiting: number): QueueActionReport['before'] => ({
    waiting,
    active: null,
    delayed: null,
    succeeded: null,
    failed: null,
    paused: null,
  });
  const message = dryRun ? `${found} tasks would be removed.` : `${removed} tasks are removed.`;
  return {
    queue,
    message,
    matched: found,
    removed,
    complete: true,
    before: place(found),
    after: place(Math.max(0, found - removed)),
  };
}
