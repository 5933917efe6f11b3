import { NotSupported, TaskNotFound } from '../../core/errors.js';
import type { RevokeReport, RevokeRequest } from '../../core/queue-engine.js';
import type { AgentControl } from '../jobs/agent-control.js';
import type { OrphanedJobs } from '../jobs/orphaned-jobs.js';
import type { RedisLink } from '../redis/redis-link.js';
import { numberOf } from '../redis/redis-reply.js';
import { type LocatedJob, locateJob } from './bullmq-job-location.js';
import type { TaskReference } from './bullmq-queue-registry.js';
import { removalScript } from './bullmq-removal-script.js';
import type { BullmqTaskTracker } from './bullmq-task-tracker.js';
import type { BullmqWorkerBook } from './bullmq-worker-book.js';

export interface RevokerOptions {
  readonly link: RedisLink;
  readonly tracker: BullmqTaskTracker;
  readonly orphans: OrphanedJobs;
  readonly book: BullmqWorkerBook;
  readonly control: AgentControl;
}

/**
 * Stops tasks. One that has not started is removed by the library's own script, and said to be revoked because the script says that it is
 * gone; the `removed` that it writes to the stream becomes the event, whoever removed it. A running one can only be asked to stop, through an
 * agent in its worker.
 */
export class BullmqRevoker {
  readonly #o: RevokerOptions;
  readonly #script = removalScript();

  constructor(options: RevokerOptions) {
    this.#o = options;
  }

  async revoke(
    id: string,
    readings: readonly TaskReference[],
    request: RevokeRequest,
    signal: AbortSignal,
  ): Promise<RevokeReport> {
    for (const reading of readings) {
      const job = await locateJob(this.#o.link, reading, signal);
      if (job) return this.#revoke(id, job, request, signal);
    }
    const ended = readings.some(({ queue, jobId }) => this.#o.tracker.ended(queue, jobId) !== undefined);
    if (ended) return report(id, 'too-late', 'The task has finished, and its queue does not keep finished tasks.');
    throw new TaskNotFound(`No task ${id}: no queue holds it.`, { id });
  }

  async #revoke(id: string, job: LocatedJob, request: RevokeRequest, signal: AbortSignal): Promise<RevokeReport> {
    if (job.state === 'SUCCESS' || job.state === 'FAILURE') {
      return report(id, 'too-late', `The task has already finished (${job.state}).`);
    }
    const orphan = job.state === 'STARTED' && this.#o.orphans.has(job.queue, job.jobId);
    if (job.state === 'STARTED' && !orphan) return this.#stop(id, job, request, signal);

    switch (await this.#remove(job, orphan, signal)) {
      case 1:
        return report(id, 'revoked', removedMessage(job, orphan));
      case -103:
        return this.#stop(id, job, request, signal);
      case -8:
        throw new NotSupported(
          `Task ${id} is the next run of a schedule, which would be lost with it: remove the schedule instead.`,
          { id },
        );
      case 0:
        return report(
          id,
          'unacknowledged',
          'The task waits for its next attempt, but the worker of the last one still holds its lock. Try again in half a minute.',
        );
      default:
        return report(id, 'too-late', 'The task finished before it could be removed.');
    }
  }

  /** O(length of the waiting list), as the library itself removes. Children stay: they are tasks of their own. */
  async #remove({ queue, jobId }: LocatedJob, orphan: boolean, signal: AbortSignal): Promise<number | null> {
    const keys = [queue.at(jobId), queue.at('repeat')];
    const args = [jobId, '0', `${queue.key}:`, orphan ? 'orphan' : ''];
    try {
      return numberOf(await this.#o.link.call(['EVAL', this.#script, keys.length, ...keys, ...args], signal));
    } catch (error) {
      throw this.#o.control.refused(error, 'removing tasks (EVAL)');
    }
  }

  async #stop(id: string, job: LocatedJob, request: RevokeRequest, signal: AbortSignal): Promise<RevokeReport> {
    if (!request.terminate) {
      return report(id, 'too-late', 'The task is running. Without terminate=true a running task is left alone.');
    }
    const { queue, jobId, token, brief } = job;
    // Before it is asked: the task may have failed, and its entry been read, before the answer is.
    const tracked = this.#o.tracker.get(queue, jobId);
    if (tracked) tracked.stopping = true;
    const answered = await this.#o.control.stop(id, queue, jobId, request.signal, signal);
    if (tracked && answered?.outcome !== 'accepted') tracked.stopping = false;
    if (answered) return answered;
    const worker = this.#o.book.nameOf(queue, brief.worker, token);
    return {
      id,
      outcome: 'unacknowledged',
      message:
        'The task is running in a worker that no Taskscope agent answers for: BullMQ has no way to stop it from outside.',
      workers: worker === null ? [] : [{ worker, answer: 'silent', message: null }],
    };
  }
}

function report(id: string, outcome: RevokeReport['outcome'], message: string): RevokeReport {
  return { id, outcome, message, workers: [] };
}

function removedMessage({ eta, waitsForChildren }: LocatedJob, orphan: boolean): string {
  if (orphan) return 'The worker of the task is gone; the task was removed and will not run again.';
  if (waitsForChildren)
    return 'The task waited for its children; Redis confirms that it is removed and will not run. The children go on.';
  return eta === null
    ? 'The task was waiting; Redis confirms that it is removed and will not run.'
    : 'The task was delayed; Redis confirms that it is removed and will not run.';
}
