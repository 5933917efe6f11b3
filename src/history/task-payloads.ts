import type { LiveTask } from '../core/live-task.js';
import { NO_PAYLOAD, type TaskPayload } from '../core/task.js';
import type { QueueInspector } from '../queue-inspector/queue-inspector.js';

/**
 * What tasks were given and left behind, told once: it is read and redacted for the first record of a task that has it, and for failures, of
 * which each may have a traceback of its own. What is stored of it stays where a later record says nothing.
 */
export class TaskPayloads {
  readonly #inspector: QueueInspector;

  constructor(inspector: QueueInspector) {
    this.#inspector = inspector;
  }

  of(task: LiveTask): TaskPayload {
    const known = task.payloadStored;
    if (known && task.error === null) return NO_PAYLOAD;
    const payload = this.#inspector.payloadOf(task);
    return known ? { ...NO_PAYLOAD, traceback: payload.traceback } : payload;
  }

  /** More is known of it than before. */
  renew(task: LiveTask): void {
    task.payloadStored = false;
  }

  /** A record with this in it is stored. */
  stored(task: LiveTask, { args, kwargs, rootId }: TaskPayload): void {
    if ((args ?? kwargs ?? rootId ?? null) !== null) task.payloadStored = true;
  }
}
