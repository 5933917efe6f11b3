import { randomUUID } from 'node:crypto';
import { agentKeys, type ControlAnswer, type ControlRequest, PROTOCOL_VERSION } from '../../../agent/protocol.js';
import type { Clock } from '../../core/clock.js';
import { NotSupported, TaskNotFound } from '../../core/errors.js';
import type { RevokeReport, RevokeRequest } from '../../core/queue-engine.js';
import { failureOf } from '../redis/redis-failure.js';
import type { RedisLink } from '../redis/redis-link.js';
import { numberOf, textsOf } from '../redis/redis-reply.js';
import { type LocatedJob, locateJob } from './bullmq-job-location.js';
import type { BullmqOrphans } from './bullmq-orphans.js';
import { parseJson } from './bullmq-payload.js';
import type { TaskReference } from './bullmq-queue-registry.js';
import { removalScript } from './bullmq-removal-script.js';
import type { BullmqTaskTracker } from './bullmq-task-tracker.js';
import type { BullmqWorkerBook } from './bullmq-worker-book.js';

export interface RevokerOptions {
  readonly link: RedisLink;
  readonly tracker: BullmqTaskTracker;
  readonly orphans: BullmqOrphans;
  readonly book: BullmqWorkerBook;
  readonly clock: Clock;
  readonly database: number;
  readonly denied: (feature: string) => void;
}

const ANSWER_WITHIN_MS = 2_000;
/** Answers are asked for, not waited for: BLPOP would need a connection of its own for each request. */
const ASK_EVERY_MS = 50;
const MAX_ANSWERS = 16;

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
      throw this.#refused(error, 'removing tasks (EVAL)');
    }
  }

  async #stop(id: string, job: LocatedJob, request: RevokeRequest, signal: AbortSignal): Promise<RevokeReport> {
    if (!request.terminate) {
      return report(id, 'too-late', 'The task is running. Without terminate=true a running task is left alone.');
    }
    const { queue, jobId, token, brief } = job;
    const asked: ControlRequest = {
      version: PROTOCOL_VERSION,
      requestId: randomUUID(),
      command: 'cancel',
      engine: 'bullmq',
      prefix: queue.prefix,
      queue: queue.name,
      jobId,
      signal: request.signal ?? 'SIGTERM',
    };
    // Before it is asked: the task may have failed, and its entry been read, before the answer is.
    const tracked = this.#o.tracker.get(queue, jobId);
    if (tracked) tracked.stopping = true;
    const heardBy = await this.#publish(asked, signal);
    const answers = heardBy === 0 ? [] : await this.#answers(asked.requestId, signal);
    const workers = answers.map(({ worker, result, message }) => ({
      worker,
      answer: result === 'refused' ? ('refused' as const) : ('acknowledged' as const),
      message,
    }));
    if (workers.some(({ answer }) => answer === 'acknowledged')) {
      return { id, outcome: 'accepted', message: 'The worker has acknowledged and stops the task.', workers };
    }
    if (tracked) tracked.stopping = false;
    if (workers.length > 0) {
      return {
        id,
        outcome: 'unacknowledged',
        message: 'The worker runs the task but cannot stop it: its processor takes no signal.',
        workers,
      };
    }
    const worker = this.#o.book.nameOf(queue, brief.worker, token);
    return {
      id,
      outcome: 'unacknowledged',
      message:
        'The task is running in a worker that no Taskscope agent answers for: BullMQ has no way to stop it from outside.',
      workers: worker === null ? [] : [{ worker, answer: 'silent', message: null }],
    };
  }

  async #publish(request: ControlRequest, signal: AbortSignal): Promise<number> {
    try {
      const channel = agentKeys.control(this.#o.database);
      return numberOf(await this.#o.link.call(['PUBLISH', channel, JSON.stringify(request)], signal)) ?? 0;
    } catch (error) {
      throw this.#refused(error, 'stopping running tasks (PUBLISH)');
    }
  }

  /** Until one has acknowledged, as a job runs in one worker only, or time is up. */
  async #answers(requestId: string, signal: AbortSignal): Promise<readonly ControlAnswer[]> {
    const { link, clock } = this.#o;
    const until = clock.monotonic() + ANSWER_WITHIN_MS;
    let answers: readonly ControlAnswer[] = [];
    while (clock.monotonic() < until && !signal.aborted) {
      const reply = await link.call(['LRANGE', agentKeys.answer(requestId), 0, MAX_ANSWERS - 1], signal);
      answers = textsOf(reply).flatMap(readAnswer);
      if (answers.length > 0) break;
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
    return answers;
  }

  #refused(error: unknown, feature: string): unknown {
    if (failureOf(error) !== 'denied') return error;
    this.#o.denied(feature);
    return new NotSupported(`The access rules of Redis deny ${feature}.`, {}, { cause: error });
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

function readAnswer(json: string): ControlAnswer[] {
  const parsed = json.length > 64 * 1024 ? null : parseJson(json);
  if (typeof parsed !== 'object' || parsed === null) return [];
  const text = (name: string): string => {
    const value: unknown = Reflect.get(parsed, name);
    return typeof value === 'string' ? value : '';
  };
  const result = (['aborted', 'killed', 'refused'] as const).find((known) => known === text('result'));
  return result
    ? [{ agent: text('agent'), worker: text('worker'), result, message: text('message').slice(0, 1_000) }]
    : [];
}
