import type { Clock } from '../../core/clock.js';
import { isUp } from '../../core/worker.js';
import type { CeleryWorker } from './celery-worker.js';
import { type ListedTask, queriedTask } from './control-replies.js';
import type { Pidbox } from './pidbox.js';
import { queueOf, routesOf } from './queue-routes.js';
import type { HeldBy } from './task-detail.js';
import type { WorkerBook } from './worker-book.js';

export interface TaskFinderParts {
  readonly pidbox: Pidbox;
  readonly workers: WorkerBook;
  readonly clock: Clock;
}

const ANSWER_MS = 1_000;

/** Finds the worker that has a task in its hands. */
export class TaskFinder {
  readonly #parts: TaskFinderParts;

  constructor(parts: TaskFinderParts) {
    this.#parts = parts;
  }

  /** In the workers' last lists, and if in none, by asking them all. At most one message and a second. */
  async find(id: string, signal: AbortSignal): Promise<HeldBy | null> {
    return this.#waitingNow(id) ?? (await this.ask(id, signal));
  }

  /** What the workers say right now. Tasks that wait for their time are not among what they answer. */
  async ask(id: string, signal: AbortSignal): Promise<HeldBy | null> {
    // One that takes more than JSON could go deaf by answering.
    const askable = this.#up().filter((worker) => worker.replies.jsonOnly === true);
    if (askable.length === 0) return null;
    let held: HeldBy | null = null;
    await this.#parts.pidbox.ask({
      method: 'query_task',
      arguments: { ids: [id] },
      to: askable.map((worker) => worker.name),
      waitFor: askable.filter((worker) => worker.unanswered === 0).map((worker) => worker.name),
      withinMs: ANSWER_MS,
      signal,
      heard: ({ worker, value }) => {
        const found = queriedTask(value, id);
        if (found !== null) held = this.#heldBy(worker, found.state === 'active' ? 'STARTED' : 'RECEIVED', found.task);
      },
    });
    return held;
  }

  #waitingNow(id: string): HeldBy | null {
    for (const worker of this.#up()) {
      // Not in `active`, which is asked for safely: its arguments are text, and cut.
      for (const list of [worker.replies.scheduled, worker.replies.reserved]) {
        const task = list?.value.find((item) => item.id === id);
        if (task !== undefined) return this.#heldBy(worker.name, 'RECEIVED', task);
      }
    }
    return null;
  }

  #up(): readonly CeleryWorker[] {
    const now = this.#parts.clock.monotonic();
    return [...this.#parts.workers.all()].filter((worker) => isUp(this.#parts.workers.status(worker, now)));
  }

  #heldBy(worker: string, state: HeldBy['state'], task: ListedTask): HeldBy {
    return { worker, state, task, queue: queueOf(task, routesOf(this.#up())) };
  }
}
