import type { RedisCommand } from '../redis/redis-link.js';
import { countOf, textOf } from '../redis/redis-reply.js';
import type { BullQueue } from './bull-queue.js';

/** The sizes of one queue at one moment. */
export interface BullQueueCounts {
  readonly wait: number;
  /** Waiting in a paused queue: pausing renames the list. */
  readonly paused: number;
  readonly active: number;
  readonly delayed: number;
  readonly completed: number;
  readonly failed: number;
  readonly isPaused: boolean;
  readonly prioritised: number;
  readonly repeats: number;
  /** Id of the job that will run next; null also in a paused queue, where it is asked for separately. */
  readonly next: string | null;
}

/** Commands of `countCommands`, per queue: all O(1), or O(distance from the end) where the distance is one. */
export const COUNT_COMMANDS = 10;

export function countCommands(queue: BullQueue): readonly RedisCommand[] {
  return [
    ['LLEN', queue.at('wait')],
    ['LLEN', queue.at('paused')],
    ['LLEN', queue.at('active')],
    ['ZCARD', queue.at('delayed')],
    ['ZCARD', queue.at('completed')],
    ['ZCARD', queue.at('failed')],
    ['EXISTS', queue.at('meta-paused')],
    ['ZCARD', queue.at('priority')],
    ['ZCARD', queue.at('repeat')],
    ['LINDEX', queue.at('wait'), '-1'],
  ];
}

export function readCounts(replies: readonly unknown[]): BullQueueCounts {
  const [wait, paused, active, delayed, completed, failed, isPaused, prioritised, repeats, next] = replies;
  return {
    wait: countOf(wait),
    paused: countOf(paused),
    active: countOf(active),
    delayed: countOf(delayed),
    completed: countOf(completed),
    failed: countOf(failed),
    isPaused: isPaused === 1,
    prioritised: countOf(prioritised),
    repeats: countOf(repeats),
    next: textOf(next),
  };
}
