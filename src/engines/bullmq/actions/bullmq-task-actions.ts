import { NotSupported, TaskNotFound } from '../../../core/errors.js';
import type { RevokeReport } from '../../../core/queue-engine.js';
import type { TaskAction, TaskActionReport, TaskPlace } from '../../../core/task-action.js';
import { changeTask, placeProblem, Refused } from '../../jobs/actions/task-change.js';
import { parseJson } from '../../jobs/parse-json.js';
import type { RedisLink } from '../../redis/redis-link.js';
import { textOf, textsOf } from '../../redis/redis-reply.js';
import { type LocatedJob, locateJob } from '../bullmq-job-location.js';
import type { TaskReference } from '../bullmq-queue-registry.js';
import { nextRunIds } from '../bullmq-schedule.js';
import { type LibraryJob, withLibrary } from './bullmq-library.js';
import { versionOf } from './bullmq-version.js';

export interface TaskActionsOptions {
  readonly link: RedisLink;
  /** Removes a task that is not over, by the library's script behind a guard, and tells of it. */
  readonly revoke: (id: string, job: TaskReference, signal: AbortSignal) => Promise<RevokeReport>;
  readonly denied: (feature: string) => void;
}

const MAX_OPTIONS = 64 * 1024;
/** Schedules looked at that are due at the same millisecond. */
const MAX_DUE = 1_000;

/** Changes single tasks by the scripts of the BullMQ version that keeps the queue. */
export class BullmqTaskActions {
  readonly #o: TaskActionsOptions;

  constructor(options: TaskActionsOptions) {
    this.#o = options;
  }

  async act(
    id: string,
    readings: readonly TaskReference[],
    action: TaskAction,
    signal: AbortSignal,
  ): Promise<TaskActionReport> {
    const { link, denied } = this.#o;
    for (const reading of readings) {
      const job = await locateJob(link, reading, signal);
      if (!job) continue;
      const before = placeOf(job);
      return changeTask({
        id,
        action,
        before,
        problem: placeProblem(action, before, job.waitsForChildren ? 'it waits for its children' : null),
        perform: () => this.#perform(id, job, action, signal),
        refusalOf,
        look: async () => {
          const found = await locateJob(link, job, signal);
          return found && placeOf(found);
        },
        denied,
      });
    }
    throw new TaskNotFound(`No task ${id}: no queue holds it.`, { id });
  }

  async #perform(id: string, job: LocatedJob, action: TaskAction, signal: AbortSignal): Promise<void> {
    switch (action.kind) {
      case 'remove':
        return this.#remove(id, job, signal);
      case 'retry': {
        const state = job.state === 'FAILURE' ? 'failed' : 'completed';
        const anew = { resetAttemptsMade: true, resetAttemptsStarted: true };
        return this.#with(job, action, signal, (its) => its.retry(state, action.resetAttempts ? anew : {}));
      }
      case 'promote':
        return this.#with(job, action, signal, (its) => its.promote());
      case 'delay':
        return this.#with(job, action, signal, (its) => its.changeDelay(action.delayMs));
      case 'priority':
        return this.#with(job, action, signal, (its) => its.changePriority({ priority: action.priority }));
      default:
        return action satisfies never;
    }
  }

  async #with(
    { queue, jobId }: LocatedJob,
    action: TaskAction,
    signal: AbortSignal,
    change: (job: LibraryJob) => Promise<unknown>,
  ): Promise<void> {
    const { link } = this.#o;
    const { major, library } = await versionOf(link, queue, signal);
    if (action.kind === 'retry' && action.resetAttempts && (major ?? 0) < 5) {
      throw new NotSupported(
        `expected a queue of BullMQ 5 or 6, which can count attempts anew, found "${queue.label}" of ${major === null ? 'no stated version' : `BullMQ ${major}`}`,
      );
    }
    const lifo = action.kind === 'retry' && isLifo(await link.call(['HGET', queue.at(jobId), 'opts'], signal));
    await link.lend((client) => withLibrary(library, queue, client, (its) => change(its.job(jobId, lifo))), signal);
  }

  async #remove(id: string, job: LocatedJob, signal: AbortSignal): Promise<void> {
    const { link, revoke } = this.#o;
    const { queue, jobId, state } = job;
    if (state === 'SUCCESS' || state === 'FAILURE') {
      const { library } = await versionOf(link, queue, signal);
      const removed = await link.lend(
        (client) => withLibrary(library, queue, client, (its) => its.queue.remove(jobId, { removeChildren: false })),
        signal,
      );
      if (removed !== 1) throw new Refused('locked', 'A worker holds the lock of the task.');
      return;
    }
    if (await this.#isNextRun(job, signal)) {
      throw new Refused('schedule', 'The task is the next run of a schedule, which would end with it: remove that.');
    }
    const { outcome, message } = await revoke(id, job, signal);
    if (outcome === 'revoked') return;
    if (state === 'STARTED')
      throw new Refused('locked', 'A worker runs the task: revoke it with terminate=true first.');
    throw new Refused(outcome === 'too-late' ? 'state' : 'locked', message);
  }

  /** Run ids end with their time, which is also where the schedule stands; its name is in them, or a hash of it. */
  async #isNextRun({ queue, jobId }: LocatedJob, signal: AbortSignal): Promise<boolean> {
    const at = /^repeat:.+:(\d+)$/s.exec(jobId)?.[1];
    if (at === undefined) return false;
    const due = await this.#o.link.call(['ZRANGEBYSCORE', queue.at('repeat'), at, at, 'LIMIT', 0, MAX_DUE], signal);
    return textsOf(due).some((member) => nextRunIds({ member, nextAt: Number(at) }).includes(jobId));
  }
}

function placeOf({ state, eta, brief }: LocatedJob): TaskPlace {
  const over = state === 'SUCCESS' || state === 'FAILURE';
  return {
    state,
    stage: over ? 'finished' : state === 'STARTED' ? 'active' : eta === null ? 'reserved' : 'scheduled',
    eta,
    priority: brief.priority,
  };
}

/** The library's numbers, the same in all versions. */
function refusalOf(error: unknown): Refused | null {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : null;
  switch (code) {
    case -1:
      return new Refused('state', 'The task was gone before it could be changed.');
    case -2:
    case -6:
      return new Refused('locked', 'A worker holds the lock of the task.');
    case -3:
      return new Refused('state', 'The task had moved on before it could be changed.');
    case -8:
      return new Refused('schedule', 'The task is the next run of a schedule: remove the schedule instead.');
    default:
      return typeof code === 'number'
        ? new Refused('engine', `BullMQ refuses: ${error instanceof Error ? error.message : code}`)
        : null;
  }
}

function isLifo(opts: unknown): boolean {
  const json = textOf(opts);
  const parsed = json === null || json.length > MAX_OPTIONS ? null : parseJson(json);
  return typeof parsed === 'object' && parsed !== null && Reflect.get(parsed, 'lifo') === true;
}
