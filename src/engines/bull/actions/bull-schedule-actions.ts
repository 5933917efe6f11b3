import { createRequire } from 'node:module';
import type { Clock } from '../../../core/clock.js';
import { ActionRefused, NotSupported, QueueNotFound, ScheduleNotFound } from '../../../core/errors.js';
import type { Schedule } from '../../../core/queue.js';
import type { ScheduleAction, ScheduleActionReport } from '../../../core/schedule-action.js';
import { deniedOr } from '../../jobs/actions/library-refusal.js';
import { readPendingRun } from '../../jobs/actions/pending-run.js';
import { CronRuns } from '../../jobs/cron-runs.js';
import { NEXT_RUN_FIELDS, readNextRun } from '../../jobs/schedule-runs.js';
import type { RedisLink } from '../../redis/redis-link.js';
import { numberOf } from '../../redis/redis-reply.js';
import type { BullQueue } from '../bull-queue.js';
import type { BullQueueRegistry } from '../bull-queue-registry.js';
import { nextRunId, type RepeatEntry, readRepeat } from '../bull-schedule.js';
import { withBull } from './bull-library.js';

export interface ScheduleActionsOptions {
  readonly link: RedisLink;
  readonly registry: BullQueueRegistry;
  readonly clock: Clock;
  /** A task that is gone by our doing. */
  readonly gone: (queue: BullQueue, jobId: string) => void;
  readonly denied: (feature: string) => void;
}

interface Found {
  readonly entry: RepeatEntry;
  /** Its next run is in the queue. */
  readonly armed: boolean;
  readonly schedule: Schedule;
}

const REMOVE_KEYS = 2;

/** Changes repeating tasks by Bull's own scripts. What a repeat key says, Bull itself cannot change. */
export class BullScheduleActions {
  readonly #o: ScheduleActionsOptions;
  readonly #cronRuns = new CronRuns();
  readonly #removal = removalScript();

  constructor(options: ScheduleActionsOptions) {
    this.#o = options;
  }

  async act(label: string, id: string, action: ScheduleAction, signal: AbortSignal): Promise<ScheduleActionReport> {
    const queue = this.#o.registry.byLabel(label);
    if (queue === undefined) throw new QueueNotFound(`expected the name of a queue, found "${label}"`, { name: label });
    try {
      const found = await this.#find(queue, id, signal);
      if (found === null) throw new ScheduleNotFound(`expected a schedule of queue "${label}", found "${id}"`, { id });
      const done = await this.#perform(queue, found, action, signal);
      const after = await this.#find(queue, id, signal);
      return { queue: label, id, ...done, before: found.schedule, after: after?.schedule ?? null };
    } catch (error) {
      throw deniedOr(error, 'changing schedules (EVAL)', this.#o.denied);
    }
  }

  async #perform(
    queue: BullQueue,
    found: Found,
    action: ScheduleAction,
    signal: AbortSignal,
  ): Promise<Pick<ScheduleActionReport, 'message' | 'taskId'>> {
    switch (action.kind) {
      case 'remove':
        await this.#remove(queue, found, signal);
        return { message: 'The schedule and its next run are removed.', taskId: null };
      case 'run':
        return this.#run(queue, found, signal);
      case 'edit':
        throw new NotSupported('Bull has no way to change a schedule: only its application can replace it', {
          capability: 'edit-schedule',
        });
      default:
        return action satisfies never;
    }
  }

  /** Not Bull's method, which takes the key apart from its left, and leaves the next run of a task with a colon in its name behind. */
  async #remove(queue: BullQueue, { entry, armed }: Found, signal: AbortSignal): Promise<void> {
    const { member, nextAt } = entry;
    const runId = nextRunId(entry);
    const idStart = runId.slice(0, -String(nextAt).length);
    const keys = [queue.at('repeat'), queue.at('delayed')];
    const args = [idStart, member, `${queue.key}:`];
    await this.#o.link.call(['EVAL', this.#removal, REMOVE_KEYS, ...keys, ...args], signal);
    const left = await this.#o.link.call(['EXISTS', queue.at(runId)], signal);
    if (armed && left === 0) this.#o.gone(queue, runId);
  }

  async #run(
    queue: BullQueue,
    { entry }: Found,
    signal: AbortSignal,
  ): Promise<Pick<ScheduleActionReport, 'message' | 'taskId'>> {
    const run = await readPendingRun(this.#o.link, [queue.at(nextRunId(entry))], signal);
    if (run === null) {
      throw new ActionRefused(
        'expected the next run of the schedule in the queue, which says what to run, found none: the schedule is dead, and only its application can renew it',
        { reason: 'state' },
      );
    }
    const job = await this.#o.link.lend(
      (client) => withBull(queue, client, (its) => its.add(run.name, run.data, run.opts)),
      signal,
    );
    const taskId = queue.taskId(String(job.id));
    return { message: `Task ${taskId} is enqueued; the schedule goes on as before.`, taskId };
  }

  async #find(queue: BullQueue, id: string, signal: AbortSignal): Promise<Found | null> {
    const { link, clock } = this.#o;
    const nextAt = numberOf(await link.call(['ZSCORE', queue.at('repeat'), id], signal));
    if (nextAt === null) return null;
    const entry = { member: id, nextAt };
    const nextRun = readNextRun(await link.call(['HMGET', queue.at(nextRunId(entry)), ...NEXT_RUN_FIELDS], signal));
    return { entry, armed: nextRun !== null, schedule: readRepeat(queue, entry, nextRun, clock.now(), this.#cronRuns) };
  }
}

/** Bull 4's own, as published in the package; bull 3's is the same. */
function removalScript(): string {
  const script: unknown = createRequire(import.meta.url)('bull/lib/scripts/removeRepeatable-2.js');
  const content: unknown = typeof script === 'object' && script !== null ? Reflect.get(script, 'content') : undefined;
  const keys: unknown = typeof script === 'object' && script !== null ? Reflect.get(script, 'keys') : undefined;
  if (typeof content !== 'string' || keys !== REMOVE_KEYS) {
    throw new Error(`expected bull's removeRepeatable script with ${REMOVE_KEYS} keys; found ${String(keys)}`);
  }
  return content;
}
