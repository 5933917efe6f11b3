import type { Clock } from '../../core/clock.js';
import { TaskNotFound } from '../../core/errors.js';
import type { RevokeReport, RevokeRequest } from '../../core/queue-engine.js';
import { type TaskEvent, taskEvent } from '../../core/task-event.js';
import { type AgentControl, ANSWER_WITHIN_MS } from '../jobs/agent-control.js';
import type { OrphanedJobs } from '../jobs/orphaned-jobs.js';
import type { RedisLink } from '../redis/redis-link.js';
import { numberOf } from '../redis/redis-reply.js';
import type { BullQueue } from './bull-queue.js';
import type { TaskReference } from './bull-queue-registry.js';
import { removalScript } from './bull-removal-script.js';
import type { BullTaskReader, LocatedJob } from './bull-task-reader.js';
import type { BullTaskTracker, EndedJob } from './bull-task-tracker.js';
import type { WorkerNames } from './worker-names.js';

export interface RevokerOptions {
  readonly link: RedisLink;
  readonly reader: BullTaskReader;
  readonly tracker: BullTaskTracker;
  readonly orphans: OrphanedJobs;
  readonly workers: WorkerNames;
  readonly control: AgentControl;
  readonly clock: Clock;
  /** A job of this queue is gone from Redis by our doing. */
  readonly removed: (queue: BullQueue) => void;
  readonly emit: (event: TaskEvent) => void;
}

/**
 * Stops tasks. One that has not started is removed by Bull's own script, and said to be revoked because the script says that it is gone. A
 * running one can only be asked to stop, through the agent in its worker: Bull has no way to reach it.
 */
export class BullRevoker {
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
      const job = await this.#o.reader.locate(reading, signal);
      if (job) return this.#revoke(id, job, request, signal);
    }
    const ended = readings.some(({ queue, jobId }) => this.#o.tracker.ended(queue, jobId) !== undefined);
    if (ended) return report(id, 'too-late', 'The task has finished, and its queue does not keep finished tasks.');
    throw new TaskNotFound(`No task ${id}: no queue holds it.`, { id });
  }

  /** Tells of tasks that have not run and are gone by our doing: Bull itself tells nobody. Those that nobody has heard of are only counted. */
  removed(queue: BullQueue, jobIds: readonly string[]): void {
    const { tracker, removed } = this.#o;
    for (const jobId of jobIds) {
      const job = tracker.get(queue, jobId);
      if (!job) {
        removed(queue);
        continue;
      }
      const { base, sentAt } = job;
      const name = job.name === null ? null : queue.taskName(job.name);
      this.#tell(queue, jobId, { base, attempt: job.attempt + 1, sentAt }, name);
    }
  }

  async #revoke(id: string, job: LocatedJob, request: RevokeRequest, signal: AbortSignal): Promise<RevokeReport> {
    if (job.state === 'SUCCESS' || job.state === 'FAILURE') {
      return report(id, 'too-late', `The task has already finished (${job.state}).`);
    }
    const orphan = job.state === 'STARTED' && this.#o.orphans.has(job.queue, job.jobId);
    if (job.state === 'STARTED' && !orphan) return this.#stop(id, job, request, signal);

    switch (await this.#remove(job, orphan, signal)) {
      case 1:
        this.#removed(job);
        return report(id, 'revoked', removedMessage(job, orphan));
      case 0:
        if ((await this.#o.reader.locate(job, signal))?.state === 'STARTED')
          return this.#stop(id, job, request, signal);
        return report(
          id,
          'unacknowledged',
          'The task waits for its next attempt, but the worker of the last one still holds its lock. Try again in half a minute.',
        );
      case -3:
        return this.#stop(id, job, request, signal);
      default:
        return report(id, 'too-late', 'The task finished before it could be removed.');
    }
  }

  /** O(length of the waiting list), as Bull itself removes. */
  async #remove({ queue, jobId }: LocatedJob, orphan: boolean, signal: AbortSignal): Promise<number | null> {
    const parts = [
      'active',
      'wait',
      'delayed',
      'paused',
      'completed',
      'failed',
      'priority',
      jobId,
      `${jobId}:logs`,
      'limiter',
    ];
    const keys = [...parts.map((part) => queue.at(part)), `${queue.key}:`];
    const args = [jobId, '', orphan ? 'orphan' : ''];
    try {
      return numberOf(await this.#o.link.call(['EVAL', this.#script.lua, keys.length, ...keys, ...args], signal));
    } catch (error) {
      throw this.#o.control.refused(error, 'removing tasks (EVAL)');
    }
  }

  #removed({ queue, jobId, brief }: LocatedJob): void {
    const { tracker } = this.#o;
    const base = tracker.get(queue, jobId)?.base ?? tracker.baseFor(queue, jobId, brief.sentAt);
    const end = { base, attempt: brief.attemptsMade + 1, sentAt: brief.sentAt };
    this.#tell(queue, jobId, end, queue.taskName(brief.name));
  }

  #tell(queue: BullQueue, jobId: string, end: EndedJob, name: string | null): void {
    const { tracker, clock, emit, removed } = this.#o;
    tracker.end(queue, jobId, end);
    removed(queue);
    emit(
      taskEvent('task-revoked', queue.taskId(jobId), clock.now(), {
        occurrence: end.base + end.attempt,
        name,
        queue: queue.label,
        sentAt: end.sentAt,
      }),
    );
  }

  async #stop(id: string, job: LocatedJob, request: RevokeRequest, signal: AbortSignal): Promise<RevokeReport> {
    if (!request.terminate) {
      return report(id, 'too-late', 'The task is running. Without terminate=true a running task is left alone.');
    }
    const { queue, jobId, token } = job;
    const answered = await this.#o.control.stop(id, queue, jobId, request.signal, signal);
    return answered ?? this.#silence(id, queue, token);
  }

  #silence(id: string, queue: BullQueue, token: string | null): RevokeReport {
    const worker = token === null ? null : this.#o.workers.nameOf(queue, token);
    const agent = token === null ? null : this.#o.workers.agentOf(token);
    const message =
      typeof agent === 'string'
        ? `The worker did not answer within ${ANSWER_WITHIN_MS / 1000} s.`
        : 'The task is running in a worker without the Taskscope agent: Bull itself has no way to stop it.';
    const workers = worker === null ? [] : [{ worker, answer: 'silent' as const, message: null }];
    return { id, outcome: 'unacknowledged', message, workers };
  }
}

function report(id: string, outcome: RevokeReport['outcome'], message: string): RevokeReport {
  return { id, outcome, message, workers: [] };
}

function removedMessage({ eta }: LocatedJob, orphan: boolean): string {
  if (orphan) return 'The worker of the task is gone; the task was removed and will not run again.';
  return eta === null
    ? 'The task was waiting; Redis confirms that it is removed and will not run.'
    : 'The task was delayed; Redis confirms that it is removed and will not run.';
}
