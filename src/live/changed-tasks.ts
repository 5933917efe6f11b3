import { type LiveTask, summarise } from '../core/live-task.js';
import type { TaskSummary } from '../core/task.js';
import type { Transition } from '../core/transition.js';
import { LiveCountsDto } from './live-tick.dto.js';

/** Named per tick: more than a screen shows. */
const MAX_NAMED = 200;

const NOTHING: LiveCountsDto = new LiveCountsDto({
  sent: 0,
  started: 0,
  success: 0,
  failure: 0,
  retry: 0,
  revoked: 0,
  rejected: 0,
});

export interface TaskChanges {
  readonly tasks: readonly TaskSummary[];
  readonly leftOut: number;
  readonly counts: LiveCountsDto;
}

/** Collects what happens to tasks between two ticks: on the event path, a look-up and an addition per transition, bounded in memory. */
export class ChangedTasks {
  readonly #named = new Set<LiveTask>();
  #leftOut = 0;
  #counts = { ...NOTHING };

  /** How many tasks have changed, but for those left out. */
  get size(): number {
    return this.#named.size;
  }

  hear(batch: readonly Transition[]): void {
    for (const { kind, task, outcome } of batch) {
      if (kind === 'sent') this.#counts.sent += 1;
      else if (kind === 'started') this.#counts.started += 1;
      else if (kind === 'finished' && outcome !== null) this.#counts[outcome] += 1;
      if (this.#named.has(task)) continue;
      if (this.#named.size < MAX_NAMED) this.#named.add(task);
      else this.#leftOut += 1;
    }
  }

  /** What was collected, as the tasks are now; begins anew. */
  take(): TaskChanges {
    const taken = {
      tasks: [...this.#named].map(summarise),
      leftOut: this.#leftOut,
      counts: new LiveCountsDto(this.#counts),
    };
    this.#named.clear();
    this.#leftOut = 0;
    this.#counts = { ...NOTHING };
    return taken;
  }
}
