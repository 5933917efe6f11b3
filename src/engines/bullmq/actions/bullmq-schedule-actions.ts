import type { Clock } from '../../../core/clock.js';
import {
  ActionRefused,
  InvalidRequest,
  messageOf,
  NotSupported,
  QueueNotFound,
  ScheduleNotFound,
} from '../../../core/errors.js';
import type { Schedule } from '../../../core/queue.js';
import type { ScheduleAction, ScheduleActionReport } from '../../../core/schedule-action.js';
import { deniedOr } from '../../jobs/actions/library-refusal.js';
import { type PendingRun, readPendingRun } from '../../jobs/actions/pending-run.js';
import { CronRuns } from '../../jobs/cron-runs.js';
import { NEXT_RUN_FIELDS, readNextRun } from '../../jobs/schedule-runs.js';
import { failureOf } from '../../redis/redis-failure.js';
import type { RedisLink } from '../../redis/redis-link.js';
import { listOf, numberOf } from '../../redis/redis-reply.js';
import type { BullmqQueue } from '../bullmq-queue.js';
import type { BullmqQueueRegistry } from '../bullmq-queue-registry.js';
import { nextRunIds, type RepeatEntry, readSchedule, SCHEDULE_FIELDS } from '../bullmq-schedule.js';
import { type Library, type SchedulerTiming, withLibrary } from './bullmq-library.js';
import { type QueueVersion, versionOf } from './bullmq-version.js';

export interface ScheduleActionsOptions {
  readonly link: RedisLink;
  readonly registry: BullmqQueueRegistry;
  readonly clock: Clock;
  readonly denied: (feature: string) => void;
}

interface Found {
  readonly entry: RepeatEntry;
  readonly schedule: Schedule;
}

/** Changes job schedulers, and what can be changed of the repeatables that came before them, by the library's scripts. */
export class BullmqScheduleActions {
  readonly #o: ScheduleActionsOptions;
  readonly #cronRuns = new CronRuns();

  constructor(options: ScheduleActionsOptions) {
    this.#o = options;
  }

  async act(label: string, id: string, action: ScheduleAction, signal: AbortSignal): Promise<ScheduleActionReport> {
    const queue = this.#o.registry.byLabel(label);
    if (queue === undefined) throw new QueueNotFound(`expected the name of a queue, found "${label}"`, { name: label });
    try {
      const found = await this.#find(queue, id, signal);
      if (found === null) throw new ScheduleNotFound(`expected a schedule of queue "${label}", found "${id}"`, { id });
      const version = await versionOf(this.#o.link, queue, signal);
      const done = await this.#perform(queue, version, found, action, signal);
      const after = await this.#find(queue, id, signal);
      return { queue: label, id, ...done, before: found.schedule, after: after?.schedule ?? null };
    } catch (error) {
      throw deniedOr(error, 'changing schedules (EVALSHA)', this.#o.denied);
    }
  }

  async #perform(
    queue: BullmqQueue,
    version: QueueVersion,
    found: Found,
    action: ScheduleAction,
    signal: AbortSignal,
  ): Promise<Pick<ScheduleActionReport, 'message' | 'taskId'>> {
    switch (action.kind) {
      case 'remove':
        await this.#remove(queue, version, found, signal);
        return { message: 'The schedule and its next run are removed.', taskId: null };
      case 'run':
        return this.#run(queue, version, found, signal);
      case 'edit':
        await this.#edit(queue, version, found, action, signal);
        return {
          message:
            action.everyMs === null
              ? 'The schedule is changed; its next run waits for the new time.'
              : 'The schedule is changed; BullMQ begins an interval with a run at once, or at its start date.',
          taskId: null,
        };
      default:
        return action satisfies never;
    }
  }

  async #remove(queue: BullmqQueue, version: QueueVersion, found: Found, signal: AbortSignal): Promise<void> {
    const { member } = found.entry;
    if (isScheduler(found)) {
      await this.#with(queue, version, signal, ({ queue: its }) => its.removeJobScheduler(member));
      return;
    }
    // Version 6 has no word for repeatables; version 5's own removal leaves the next run of version 4's behind.
    await this.#with(queue, { ...version, library: 5 }, signal, async ({ queue: its, removeRepeatable }) => {
      await removeRepeatable?.(member);
      for (const jobId of nextRunIds(found.entry)) await its.remove(jobId, { removeChildren: false });
    });
  }

  async #run(
    queue: BullmqQueue,
    version: QueueVersion,
    found: Found,
    signal: AbortSignal,
  ): Promise<Pick<ScheduleActionReport, 'message' | 'taskId'>> {
    const pending = await readPendingRun(
      this.#o.link,
      nextRunIds(found.entry).map((jobId) => queue.at(jobId)),
      signal,
    );
    const added = await this.#with(queue, version, signal, async ({ queue: its }) => {
      const template = isScheduler(found) ? templateOf(await its.getJobScheduler(found.entry.member)) : null;
      const run = template ?? pending;
      if (run === null) throw nothingToRun();
      return its.add(run.name, run.data, run.opts);
    });
    if (added.id === undefined) throw new Error('expected BullMQ to answer with the id of the task it added');
    const taskId = queue.taskId(added.id);
    return { message: `Task ${taskId} is enqueued; the schedule goes on as before.`, taskId };
  }

  async #edit(
    queue: BullmqQueue,
    version: QueueVersion,
    found: Found,
    action: ScheduleAction & { readonly kind: 'edit' },
    signal: AbortSignal,
  ): Promise<void> {
    if (!isScheduler(found)) {
      throw new NotSupported(
        `"${found.entry.member}" is a repeatable of BullMQ 4 or 5, whose key says what and when it runs: only its application can change it`,
        { capability: 'edit-schedule' },
      );
    }
    const edited = await this.#with(queue, version, signal, async ({ queue: its }) => {
      const scheduler = await its.getJobScheduler(found.entry.member);
      const template = templateOf(scheduler);
      if (template === null) throw nothingToRun();
      try {
        return await its.upsertJobScheduler(found.entry.member, timingOf(action, scheduler), template);
      } catch (error) {
        throw editProblem(error);
      }
    });
    if (edited === undefined) {
      throw new ActionRefused('BullMQ refuses: the schedule has reached its limit or its end date', {
        reason: 'engine',
      });
    }
  }

  async #find(queue: BullmqQueue, id: string, signal: AbortSignal): Promise<Found | null> {
    const { link, clock } = this.#o;
    const [score, hash] = await link.batch(
      [
        ['ZSCORE', queue.at('repeat'), id],
        ['HMGET', queue.at(`repeat:${id}`), ...SCHEDULE_FIELDS],
      ],
      signal,
    );
    const nextAt = numberOf(score);
    if (nextAt === null) return null;
    const entry = { member: id, nextAt };
    const stored = await link.batch(
      nextRunIds(entry).map((jobId) => ['HMGET', queue.at(jobId), ...NEXT_RUN_FIELDS]),
      signal,
    );
    const nextRun = stored.map(readNextRun).find((run) => run !== null) ?? null;
    return { entry, schedule: readSchedule(queue, entry, listOf(hash), nextRun, clock.now(), this.#cronRuns) };
  }

  #with<T>(
    queue: BullmqQueue,
    { library }: QueueVersion,
    signal: AbortSignal,
    work: (library: Library) => Promise<T>,
  ): Promise<T> {
    return this.#o.link.lend((client) => withLibrary(library, queue, client, work), signal);
  }
}

/** Not a repeatable of versions 4 and 5. */
function isScheduler({ schedule }: Found): boolean {
  return schedule.editable !== false;
}

/** What a scheduler runs, as the library reads it. null: it is gone. */
function templateOf(scheduler: unknown): PendingRun | null {
  if (typeof scheduler !== 'object' || scheduler === null) return null;
  const name: unknown = Reflect.get(scheduler, 'name');
  const template: unknown = Reflect.get(scheduler, 'template');
  const [data, opts]: unknown[] =
    typeof template === 'object' && template !== null
      ? [Reflect.get(template, 'data'), Reflect.get(template, 'opts')]
      : [];
  return {
    name: typeof name === 'string' ? name : '',
    data: data ?? {},
    opts: typeof opts === 'object' && opts !== null ? opts : {},
  };
}

/** Limit and dates stay as they were; the offset belongs to the old interval. */
function timingOf(action: ScheduleAction & { readonly kind: 'edit' }, scheduler: unknown): SchedulerTiming {
  const kept = (field: string): number | null =>
    typeof scheduler === 'object' && scheduler !== null ? numberOf(Reflect.get(scheduler, field)) : null;
  const [limit, startDate, endDate] = [kept('limit'), kept('startDate'), kept('endDate')];
  return {
    ...(action.cron !== null && { pattern: action.cron }),
    ...(action.everyMs !== null && { every: action.everyMs }),
    ...(action.timeZone !== null && { tz: action.timeZone }),
    ...(limit !== null && { limit }),
    ...(startDate !== null && { startDate }),
    ...(endDate !== null && { endDate }),
  };
}

/** The library parses cron expressions itself, and throws what its parser says. */
function editProblem(error: unknown): unknown {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : null;
  if (typeof code === 'number') {
    return new ActionRefused(`BullMQ refuses: ${messageOf(error)}`, { reason: 'engine' });
  }
  if (failureOf(error) !== 'other' || code !== undefined) return error;
  return new InvalidRequest(`expected a schedule that BullMQ can read, found: ${messageOf(error)}`);
}

function nothingToRun(): ActionRefused {
  return new ActionRefused(
    'expected the next run of the schedule in the queue, which says what to run, found none: the schedule is dead, and only its application can renew it',
    { reason: 'state' },
  );
}
