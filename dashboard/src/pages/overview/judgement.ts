import type { Queue, TaskStatistics } from '../../api/model.js';
import type { Sources } from './known.js';

/** Tasks that wait longer make a queue one that falls behind. */
const BEHIND_SECONDS = 60;

export function waitsTooLong(queue: Queue): boolean {
  if (queue.length === 0 || queue.paused === true) return false;
  if (queue.consumers === 0) return true;
  return queue.oldest_waiting_seconds !== null && queue.oldest_waiting_seconds > BEHIND_SECONDS;
}

/** Attempts finished per second over the last minute. */
export function finishedPerSecond(names: readonly TaskStatistics[]): number {
  return names.reduce((sum, name) => sum + name.finished_per_second.last_1m, 0);
}

/** The share of attempts of the last minute that failed; null where none finished. */
export function failedShare(names: readonly TaskStatistics[]): number | null {
  const finished = finishedPerSecond(names);
  return finished === 0 ? null : names.reduce((sum, name) => sum + name.failed_per_second.last_1m, 0) / finished;
}

/** Whether nothing is known of the present, because no source answers. */
export function allAway(sources: Sources | undefined): boolean {
  return sources !== undefined && sources.total > 0 && sources.items.every(isAway);
}

function isAway({ connection }: Sources['items'][number]): boolean {
  return connection === 'disconnected';
}
