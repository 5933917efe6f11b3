import type { JobStatusClean } from 'bull';
import { ActionRefused } from '../../../core/errors.js';
import type { Cleanable } from '../../../core/queue-action.js';
import {
  JobQueueActions,
  type JobQueueActionsOptions,
  type QueueLibrary,
  type QueueLook,
  schedulesInTheWay,
} from '../../jobs/actions/job-queue-actions.js';
import type { RedisLink } from '../../redis/redis-link.js';
import { countOf } from '../../redis/redis-reply.js';
import type { BullQueue } from '../bull-queue.js';
import { countCommands, readCounts } from '../bull-queue-counts.js';
import { withBull } from './bull-library.js';

const LISTS = {
  waiting: ['wait', 'paused'],
  delayed: ['delayed'],
  succeeded: ['completed'],
  failed: ['failed'],
} as const satisfies Record<Cleanable, readonly string[]>;

const CLEANABLE_LISTS: readonly JobStatusClean[] = ['wait', 'paused', 'delayed', 'completed', 'failed'];
const OBLITERATE_MS = 30_000;
const OBLITERATE_STEP = 500;

/** Changes queues by Bull's own scripts. Never by its `empty`, which asks Redis for KEYS, loses the pause and leaves what was delayed behind. */
export class BullQueueActions extends JobQueueActions<BullQueue> {
  readonly #link: RedisLink;

  constructor(options: JobQueueActionsOptions<BullQueue>) {
    super(options);
    this.#link = options.link;
  }

  protected override lists(tasks: Cleanable): (typeof LISTS)[Cleanable] {
    return LISTS[tasks];
  }

  /** With a limit Bull compares the due times of delayed tasks with their age, in other units, and finds none. */
  protected override looksAtAll(tasks: Cleanable, graceMs: number): boolean {
    return tasks === 'delayed' || (tasks === 'waiting' && graceMs > 0);
  }

  protected override async look(queue: BullQueue, signal: AbortSignal): Promise<QueueLook> {
    const counts = readCounts(await this.#link.batch(countCommands(queue), signal));
    const place = {
      waiting: counts.wait + counts.paused,
      active: counts.active,
      delayed: counts.delayed,
      succeeded: counts.completed,
      failed: counts.failed,
      paused: counts.isPaused,
    };
    return { place, wait: counts.wait, aside: counts.paused };
  }

  protected override async library(queue: BullQueue, signal: AbortSignal): Promise<QueueLibrary> {
    return {
      pause: () => this.#link.lend((client) => withBull(queue, client, (its) => its.pause()), signal),
      resume: async () => {
        const { wait, aside } = await this.look(queue, signal);
        if (wait > 0 && aside > 0) throw lostByResume(wait);
        await this.#link.lend((client) => withBull(queue, client, (its) => its.resume()), signal);
      },
      clean: async (list, graceMs, limit) => {
        const type = CLEANABLE_LISTS.find((known) => known === list);
        if (type === undefined) throw new Error(`expected a list of Bull, found "${list}"`);
        const most = type === 'delayed' ? 0 : limit;
        const gone: readonly unknown[] = await this.#link.lend(
          (client) => withBull(queue, client, (its) => its.clean(graceMs, type, most)),
          signal,
        );
        return gone.map(String);
      },
      obliterate: (force) =>
        this.#link.lend(
          (client) => withBull(queue, client, (its) => its.obliterate({ force, ...STEP })),
          signal,
          OBLITERATE_MS,
        ),
    };
  }

  /** Bull adds a run when the one before it starts: without their next runs all schedules of the queue would be dead. */
  protected override async checkDrain(
    queue: BullQueue,
    kinds: readonly Cleanable[],
    signal: AbortSignal,
  ): Promise<void> {
    if (!kinds.includes('delayed')) return;
    const schedules = countOf(await this.#link.call(['ZCARD', queue.at('repeat')], signal));
    if (schedules > 0) throw schedulesInTheWay(schedules);
  }
}

/** Its types do not know the number of tasks per step. */
const STEP: object = { count: OBLITERATE_STEP };

function lostByResume(wait: number): ActionRefused {
  return new ActionRefused(
    `expected an empty "wait" list, which Bull renames the paused tasks to, found ${wait} tasks that resuming would destroy`,
    { reason: 'engine' },
  );
}
