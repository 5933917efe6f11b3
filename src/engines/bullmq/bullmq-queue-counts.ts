import type { QueueLimits } from '../../core/queue.js';
import type { RedisCommand } from '../redis/redis-link.js';
import { countOf, listOf, numberOf } from '../redis/redis-reply.js';
import type { BullmqQueue } from './bullmq-queue.js';

/** The sizes of one queue at one moment. */
export interface BullmqQueueCounts {
  /** In `wait`; in version 6 those of a paused queue too. May hold version 4's marker, until the list's end has been read. */
  wait: number;
  /** In `paused`, where versions 4 and 5 rename the waiting list to. Version 6 leaves alone what it finds there. */
  readonly paused: number;
  readonly prioritized: number;
  readonly waitingChildren: number;
  readonly active: number;
  readonly delayed: number;
  readonly completed: number;
  readonly failed: number;
  readonly isPaused: boolean;
  readonly concurrency: number | null;
  readonly rate: QueueLimits['rate'];
  readonly repeats: number;
}

/** Commands of `countCommands`, per queue: all O(1). They are most of a poll's cost, so they are as few as can be. */
export const COUNT_COMMANDS = 10;

export function countCommands(queue: BullmqQueue): readonly RedisCommand[] {
  return [
    ['LLEN', queue.at('wait')],
    ['LLEN', queue.at('paused')],
    ['ZCARD', queue.at('prioritized')],
    ['LLEN', queue.at('active')],
    ['ZCARD', queue.at('delayed')],
    ['ZCARD', queue.at('completed')],
    ['ZCARD', queue.at('failed')],
    ['HMGET', queue.at('meta'), 'paused', 'concurrency', 'max', 'duration'],
    ['ZCARD', queue.at('repeat')],
    ['ZCARD', queue.at('waiting-children')],
  ];
}

export function readCounts(replies: readonly unknown[]): BullmqQueueCounts {
  const [wait, paused, prioritized, active, delayed, completed, failed, meta, repeats, waitingChildren] = replies;
  const [isPaused, concurrency, max, duration] = listOf(meta);
  return {
    wait: countOf(wait),
    paused: countOf(paused),
    prioritized: countOf(prioritized),
    waitingChildren: countOf(waitingChildren),
    active: countOf(active),
    delayed: countOf(delayed),
    completed: countOf(completed),
    failed: countOf(failed),
    isPaused: typeof isPaused === 'string' && numberOf(isPaused) !== 0,
    concurrency: numberOf(concurrency),
    rate: rateOf(numberOf(max), numberOf(duration)),
    repeats: countOf(repeats),
  };
}

function rateOf(tasks: number | null, periodMs: number | null): QueueLimits['rate'] {
  return tasks === null || periodMs === null ? null : { tasks, periodMs };
}

/** Waiting for a worker, wherever the version in charge keeps them. */
export function waitingOf({ wait, paused, prioritized }: BullmqQueueCounts): number {
  return wait + paused + prioritized;
}
