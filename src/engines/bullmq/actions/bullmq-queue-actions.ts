import type { Cleanable } from '../../../core/queue-action.js';
import {
  JobQueueActions,
  type JobQueueActionsOptions,
  type QueueLibrary,
  type QueueLook,
  schedulesInTheWay,
} from '../../jobs/actions/job-queue-actions.js';
import type { RedisLink } from '../../redis/redis-link.js';
import { textsOf } from '../../redis/redis-reply.js';
import type { BullmqQueue } from '../bullmq-queue.js';
import { countCommands, readCounts, waitingOf } from '../bullmq-queue-counts.js';
import { type Library, type LibraryMajor, withLibrary } from './bullmq-library.js';
import { versionOf } from './bullmq-version.js';

const LISTS = {
  waiting: ['wait', 'paused', 'prioritized'],
  delayed: ['delayed'],
  succeeded: ['completed'],
  failed: ['failed'],
} as const satisfies Record<Cleanable, readonly string[]>;

type List = (typeof LISTS)[Cleanable][number];

const OBLITERATE_MS = 30_000;
const OBLITERATE_STEP = 500;
const MAX_SCHEDULES = 1_000;

/** Changes queues by the scripts of the BullMQ version that keeps them. */
export class BullmqQueueActions extends JobQueueActions<BullmqQueue> {
  readonly #link: RedisLink;

  constructor(options: JobQueueActionsOptions<BullmqQueue>) {
    super(options);
    this.#link = options.link;
  }

  protected override lists(tasks: Cleanable): readonly List[] {
    return LISTS[tasks];
  }

  /** The age of those that have not finished is in each of them alone. */
  protected override looksAtAll(tasks: Cleanable, graceMs: number): boolean {
    return graceMs > 0 && (tasks === 'waiting' || tasks === 'delayed');
  }

  protected override async look(queue: BullmqQueue, signal: AbortSignal): Promise<QueueLook> {
    const counts = readCounts(await this.#link.batch(countCommands(queue), signal));
    const place = {
      waiting: waitingOf(counts),
      active: counts.active,
      delayed: counts.delayed,
      succeeded: counts.completed,
      failed: counts.failed,
      paused: counts.isPaused,
    };
    return { place, wait: counts.wait, aside: counts.paused };
  }

  protected override async library(queue: BullmqQueue, signal: AbortSignal): Promise<QueueLibrary> {
    const { library: own } = await versionOf(this.#link, queue, signal);
    const call = <T>(major: LibraryMajor, work: (its: Library) => Promise<T>, withinMs?: number): Promise<T> =>
      this.#link.lend((client) => withLibrary(major, queue, client, work), signal, withinMs);
    return {
      pause: () => call(own, async (its) => void (await its.queue.pause())),
      // Version 6's brings back what older versions have put aside without losing what has come to wait meanwhile, as theirs would.
      resume: () => call(6, async (its) => void (await its.queue.resume())),
      clean: async (list, graceMs, limit) => {
        const type = Object.values(LISTS)
          .flat()
          .find((known) => known === list);
        if (type === undefined) throw new Error(`expected a list of BullMQ, found "${list}"`);
        const gone = await call(own, (its) => its.queue.clean(graceMs, limit, type));
        // Version 4 keeps its marker of delayed tasks among the waiting.
        return gone.filter((jobId) => !jobId.startsWith('0:'));
      },
      // Version 6's looks in every place that any version has.
      obliterate: (force) =>
        call(6, async (its) => void (await its.queue.obliterate({ force, count: OBLITERATE_STEP })), OBLITERATE_MS),
    };
  }

  /** The library leaves the next runs of schedules alone, but for those of version 4's repeatables, whose ids are hashes. */
  protected override async checkDrain(
    queue: BullmqQueue,
    kinds: readonly Cleanable[],
    signal: AbortSignal,
  ): Promise<void> {
    if (!kinds.includes('delayed')) return;
    const repeat = queue.at('repeat');
    const members = textsOf(await this.#link.call(['ZRANGE', repeat, 0, MAX_SCHEDULES - 1], signal));
    const known = await this.#link.batch(
      members.map((member) => ['EXISTS', `${repeat}:${member}`]),
      signal,
    );
    const old = known.filter((exists) => exists !== 1).length;
    if (old > 0) throw schedulesInTheWay(old);
  }
}
