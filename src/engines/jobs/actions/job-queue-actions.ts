import type { Clock } from '../../../core/clock.js';
import { ActionRefused, QueueNotFound } from '../../../core/errors.js';
import type {
  Cleanable,
  QueueAction,
  QueueActionReport,
  QueueActionRequest,
  QueuePlace,
} from '../../../core/queue-action.js';
import type { RedisLink } from '../../redis/redis-link.js';
import { countOf } from '../../redis/redis-reply.js';
import type { JobQueue } from '../job-queue.js';
import type { JobQueueRegistry } from '../job-queue-registry.js';
import { deniedOr } from './library-refusal.js';
import { checkCount, checkSize, mostRemoved } from './queue-counting.js';
import { MOST_AT_ONCE, once, type RemovalResult, type RemovalStep, removeInSteps } from './removal-steps.js';

export interface JobQueueActionsOptions<Q extends JobQueue> {
  readonly link: RedisLink;
  readonly registry: JobQueueRegistry<Q>;
  readonly clock: Clock;
  /** Tasks of one kind that are gone by our doing. */
  readonly gone: (queue: Q, tasks: Cleanable, jobIds: readonly string[]) => void;
  readonly denied: (feature: string) => void;
}

/** One look at a queue, with the list that pausing renames the waiting tasks to, and renames back over whatever is there. */
export interface QueueLook {
  readonly place: QueuePlace;
  readonly wait: number;
  readonly aside: number;
}

/** What a library can do to one queue; each call is one or more of its own scripts. */
export interface QueueLibrary {
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Removes from one of the queue's lists those older than `graceMs`, and answers their ids. */
  clean(list: string, graceMs: number, limit: number): Promise<readonly string[]>;
  /** The queue is paused. */
  obliterate(force: boolean): Promise<void>;
}

type Done = Pick<QueueActionReport, 'message' | 'removed' | 'complete'>;

/** Whatever the clocks of those who added them say. */
const EVER_MS = -10 * 365 * 24 * 3600 * 1000;

/** Changes queues by the library's own scripts, large ones in steps. */
export abstract class JobQueueActions<Q extends JobQueue> {
  readonly #o: JobQueueActionsOptions<Q>;

  constructor(options: JobQueueActionsOptions<Q>) {
    this.#o = options;
  }

  /** Where the library keeps tasks of a kind. Finished ones are in one sorted set, by the time they finished. */
  protected abstract lists(tasks: Cleanable): readonly string[];
  /** Whether the library looks at the whole list at once to find those that are old enough. */
  protected abstract looksAtAll(tasks: Cleanable, graceMs: number): boolean;
  protected abstract look(queue: Q, signal: AbortSignal): Promise<QueueLook>;
  protected abstract library(queue: Q, signal: AbortSignal): Promise<QueueLibrary>;
  /** Errors: ActionRefused, where this would do harm that cannot be undone. */
  protected abstract checkDrain(queue: Q, kinds: readonly Cleanable[], signal: AbortSignal): Promise<void>;

  async act(label: string, request: QueueActionRequest, signal: AbortSignal): Promise<QueueActionReport> {
    const queue = this.#o.registry.byLabel(label);
    if (queue === undefined) throw new QueueNotFound(`expected the name of a queue, found "${label}"`, { name: label });
    try {
      return await this.#act(queue, request, signal);
    } catch (error) {
      throw deniedOr(error, 'changing queues (EVALSHA)', this.#o.denied);
    }
  }

  async #act(queue: Q, request: QueueActionRequest, signal: AbortSignal): Promise<QueueActionReport> {
    const { action } = request;
    const found = await this.look(queue, signal);
    const before = found.place;
    const matched = await this.#matched(queue, action, before, signal);
    checkCount(request, matched ?? mostRemoved(action, before), queue.label);
    if (request.dryRun) {
      const message = 'Nothing was done: this was a dry run.';
      const removed = mostRemoved(action, before) === null ? null : 0;
      return { queue: queue.label, message, matched, removed, complete: true, before, after: before };
    }
    const library = await this.library(queue, signal);
    const done = await this.#perform(queue, library, action, found, signal);
    const after = (await this.look(queue, signal)).place;
    const isGone = action.kind === 'obliterate' && Object.values(after).every((its) => its === 0 || its === false);
    return { queue: queue.label, matched, before, after: isGone ? null : after, ...done };
  }

  async #perform(
    queue: Q,
    library: QueueLibrary,
    action: QueueAction,
    found: QueueLook,
    signal: AbortSignal,
  ): Promise<Done> {
    const { paused } = found.place;
    switch (action.kind) {
      case 'pause':
        if (!paused) await pause(library, found);
        return done(paused ? 'The queue was paused already.' : 'The queue is paused; running tasks go on.');
      case 'resume':
        if (paused) await library.resume();
        return done(paused ? 'The queue goes on.' : 'The queue was not paused.');
      case 'clean':
        return this.#clean(queue, library, action, found.place, signal);
      case 'drain': {
        const kinds: readonly Cleanable[] = action.delayed ? ['waiting', 'delayed'] : ['waiting'];
        await this.checkDrain(queue, kinds, signal);
        for (const tasks of kinds) {
          if (this.looksAtAll(tasks, EVER_MS)) checkSize(found.place[tasks], Number.POSITIVE_INFINITY, tasks);
        }
        let left = { removed: 0, complete: true };
        for (const tasks of kinds) {
          const more = await this.#remove(queue, library, tasks, EVER_MS, Number.POSITIVE_INFINITY, signal);
          left = { removed: left.removed + more.removed, complete: left.complete && more.complete };
        }
        return removedAs(left);
      }
      case 'obliterate':
        return this.#obliterate(queue, library, action.force, found, signal);
      default:
        return action satisfies never;
    }
  }

  async #clean(
    queue: Q,
    library: QueueLibrary,
    { tasks, olderThanMs, limit }: QueueAction & { readonly kind: 'clean' },
    place: QueuePlace,
    signal: AbortSignal,
  ): Promise<Done> {
    await this.checkDrain(queue, [tasks], signal);
    if (this.looksAtAll(tasks, olderThanMs)) checkSize(place[tasks], limit, tasks);
    return removedAs(await this.#remove(queue, library, tasks, olderThanMs, limit, signal));
  }

  #remove(
    queue: Q,
    library: QueueLibrary,
    tasks: Cleanable,
    graceMs: number,
    limit: number,
    signal: AbortSignal,
  ): Promise<RemovalResult> {
    const { clock, gone } = this.#o;
    const atOnce = this.looksAtAll(tasks, graceMs);
    const steps = this.lists(tasks).map(
      (list): RemovalStep =>
        atOnce
          ? once(() => library.clean(list, graceMs, MOST_AT_ONCE))
          : (atMost) => library.clean(list, graceMs, atMost),
    );
    return removeInSteps(steps, {
      limit,
      monotonic: () => clock.monotonic(),
      signal,
      gone: (jobIds) => gone(queue, tasks, jobIds),
    });
  }

  async #obliterate(
    queue: Q,
    library: QueueLibrary,
    force: boolean,
    found: QueueLook,
    signal: AbortSignal,
  ): Promise<Done> {
    if (found.place.active > 0 && !force) throw stillActive(found.place.active);
    if (!found.place.paused) await pause(library, found);
    const { place } = await this.look(queue, signal);
    if (place.active > 0 && !force) {
      if (!found.place.paused) await library.resume();
      throw stillActive(place.active);
    }
    await library.obliterate(force);
    const removed = place.waiting + place.delayed + place.succeeded + place.failed + place.active;
    return { message: 'Nothing of the queue is left.', removed, complete: true };
  }

  /** Exact where a sorted set tells; null where each task would have to be looked at. */
  async #matched(queue: Q, action: QueueAction, place: QueuePlace, signal: AbortSignal): Promise<number | null> {
    if (action.kind !== 'clean' || action.olderThanMs === 0) return mostRemoved(action, place);
    if (action.tasks === 'waiting' || action.tasks === 'delayed') return null;
    const until = this.#o.clock.now() - action.olderThanMs;
    const [key] = this.lists(action.tasks);
    if (key === undefined) return null;
    return Math.min(action.limit, countOf(await this.#o.link.call(['ZCOUNT', queue.at(key), 0, until], signal)));
  }
}

/** For libraries that remove the next runs of schedules with all that is delayed, without which nothing ever renews them. */
export function schedulesInTheWay(schedules: number): ActionRefused {
  return new ActionRefused(
    `expected a queue without repeating tasks, because their next runs would go with all that is delayed and end them, found ${schedules}: ` +
      'remove those first, or leave what is delayed',
    { reason: 'schedule', schedules },
  );
}

async function pause(library: QueueLibrary, { wait, aside }: QueueLook): Promise<void> {
  if (wait > 0 && aside > 0) {
    throw new ActionRefused(
      `expected an empty "paused" list, which the waiting tasks are to become, found ${aside} tasks that pausing would destroy`,
      { reason: 'engine' },
    );
  }
  await library.pause();
}

function done(message: string): Done {
  return { message, removed: null, complete: true };
}

function removedAs({ removed, complete }: RemovalResult): Done {
  const tasks = `${removed} ${removed === 1 ? 'task was' : 'tasks were'} removed`;
  const message = complete ? `${tasks}; nothing more matches.` : `${tasks}; there may be more: ask again to go on.`;
  return { message, removed, complete };
}

function stillActive(active: number): ActionRefused {
  return new ActionRefused(
    `expected no running task, found ${active}; with force they are removed while their workers still run them`,
    { reason: 'state', active },
  );
}
