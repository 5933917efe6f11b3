import type { Job } from 'bull';
import { NotSupported, TaskNotFound } from '../../../core/errors.js';
import type { RevokeReport } from '../../../core/queue-engine.js';
import type { TaskAction, TaskActionReport, TaskPlace } from '../../../core/task-action.js';
import { changeTask, placeProblem, Refused } from '../../jobs/actions/task-change.js';
import type { RedisLink } from '../../redis/redis-link.js';
import { textsOf } from '../../redis/redis-reply.js';
import type { TaskReference } from '../bull-queue-registry.js';
import { nextRunId } from '../bull-schedule.js';
import type { BullTaskReader, LocatedJob } from '../bull-task-reader.js';
import { withBull } from './bull-library.js';

export interface TaskActionsOptions {
  readonly link: RedisLink;
  readonly reader: BullTaskReader;
  /** Removes a task that is not over, by Bull's script behind a guard, and tells of it. */
  readonly revoke: (id: string, job: TaskReference, signal: AbortSignal) => Promise<RevokeReport>;
  readonly denied: (feature: string) => void;
}

/** Schedules looked at that are due at the same millisecond. */
const MAX_DUE = 1_000;

/** Changes single tasks by Bull's own scripts. */
export class BullTaskActions {
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
    const { reader, denied } = this.#o;
    for (const reading of readings) {
      const job = await reader.locate(reading, signal);
      if (!job) continue;
      const before = placeOf(job);
      return changeTask({
        id,
        action,
        before,
        problem: problemOf(action, before),
        perform: () => this.#perform(id, job, action, signal),
        refusalOf,
        look: async () => {
          const found = await reader.locate(job, signal);
          return found && placeOf(found);
        },
        denied,
      });
    }
    throw new TaskNotFound(`No task ${id}: no queue holds it.`, { id });
  }

  async #perform(id: string, job: LocatedJob, action: TaskAction, signal: AbortSignal): Promise<void> {
    switch (action.kind) {
      case 'retry':
        if (action.resetAttempts) throw new NotSupported('Bull cannot count the attempts of a task anew');
        return this.#with(job, signal, (its) => its.retry());
      case 'promote':
        return this.#with(job, signal, (its) => its.promote());
      case 'remove':
        return this.#remove(id, job, signal);
      case 'delay':
      case 'priority':
        throw new NotSupported(`Bull has no way to change the ${action.kind} of a task`);
      default:
        return action satisfies never;
    }
  }

  async #remove(id: string, job: LocatedJob, signal: AbortSignal): Promise<void> {
    if (job.state === 'SUCCESS' || job.state === 'FAILURE') return this.#with(job, signal, (its) => its.remove());
    if (await this.#isNextRun(job, signal)) {
      throw new Refused('schedule', 'The task is the next run of a schedule, which would end with it: remove that.');
    }
    const { outcome, message } = await this.#o.revoke(id, job, signal);
    if (outcome === 'revoked') return;
    if (job.state === 'STARTED')
      throw new Refused('locked', 'A worker runs the task: revoke it with terminate=true first.');
    throw new Refused(outcome === 'too-late' ? 'state' : 'locked', message);
  }

  async #with(
    { queue, jobId }: LocatedJob,
    signal: AbortSignal,
    change: (job: Job) => Promise<unknown>,
  ): Promise<void> {
    await this.#o.link.lend(
      (client) =>
        withBull(queue, client, async (its) => {
          const job = await its.getJob(jobId);
          if (job === null) throw new Refused('state', 'The task was gone before it could be changed.');
          await change(job);
        }),
      signal,
    );
  }

  /** Bull adds a run when the one before it starts: without its next run a schedule is dead. Run ids end with their time. */
  async #isNextRun({ queue, jobId }: LocatedJob, signal: AbortSignal): Promise<boolean> {
    const at = /^repeat:.+:(\d+)$/s.exec(jobId)?.[1];
    if (at === undefined) return false;
    const due = await this.#o.link.call(['ZRANGEBYSCORE', queue.at('repeat'), at, at, 'LIMIT', 0, MAX_DUE], signal);
    return textsOf(due).some((member) => nextRunId({ member, nextAt: Number(at) }) === jobId);
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

function problemOf(action: TaskAction, before: TaskPlace): string | null {
  if (action.kind === 'retry' && before.state !== 'FAILURE') {
    return `Expected a task that has failed, as Bull runs no others again; it is ${before.state} (${before.stage}).`;
  }
  return placeProblem(action, before, null);
}

/** Bull's own sentences; it has no numbers for them. */
function refusalOf(error: unknown): Refused | null {
  const message = error instanceof Error ? error.message : '';
  if (/not in a delayed state|doesn't exist|already retried/i.test(message)) {
    return new Refused('state', 'The task had moved on before it could be changed.');
  }
  if (/locked|Could not remove job/i.test(message))
    return new Refused('locked', 'A worker holds the lock of the task.');
  if (error instanceof SyntaxError) return new Refused('engine', 'Bull cannot read the task: its data are not JSON.');
  return null;
}
