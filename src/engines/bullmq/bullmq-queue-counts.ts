import type { RedisCommand } from '../redis/redis-link.js';
import { countOf, numberOf } from '../redis/redis-reply.js';
import type { BullmqQueue } from './bullmq-queue.js';

/** The sizes of one queue at one moment. */
export interface BullmqQueueCounts {
  /** In `wait`; in version 6 those of a paused queue too. May hold version 4's marker, until the list's end has been read. */
  wait: number;
  /** In `paused`, where versions 4 and 5 rename the waiting list to. Version 6 leaves alone what it finds there. */
  readonly paused: number;
  readonly prioritized: number;
  readonly active: number;
  readonly delayed: number;
  readonly completed: number;
  readonly failed: number;
  readonly isPaused: boolean;
  readonly repeats: number;
}

/** Commands of `countCommands`, per queue: all O(1). They are most of a poll's cost, so they are as few as can be. */
export const COUNT_COMMANDS = 9;

export function countCommands(queue: BullmqQueue): readonly RedisCommand[] {
  return [
    ['LLEN', queue.at('wait')],
    ['LLEN', queue.at('paused')],
    ['ZCARD', queue.at('prioritized')],
    ['LLEN', queue.at('active')],
    ['ZCARD', queue.at('delayed')],
    ['ZCARD', queue.at('completed')],
    ['ZCARD', queue.at('failed')],
    ['HGET', queue.at('meta'), 'paused'],
    ['ZCARD', queue.at('repeat')],
  ];
}

export function readCounts(replies: readonly unknown[]): BullmqQueueCounts {
  const [wait, paused, prioritized, active, delayed, completed, failed, isPaused, repeats] = replies;
  return {
    wait: countOf(wait),
    paused: countOf(paused),
    prioritized: countOf(prioritized),
    active: countOf(active),
    delayed: countOf(delayed),
    completed: countOf(completed),
    failed: countOf(failed),
    isPaused: typeof isPaused === 'string' && numberOf(isPaused) !== 0,
    repeats: countOf(repeats),
  };
}

/** Waiting for a worker, wherever the version in charge keeps them. */
export function waitingOf({ wait, paused, prioritized }: BullmqQueueCounts): number {
  return wait + paused + prioritized;
}
