import type { TaskEvent } from '../../core/task-event.js';
import type { BullOutcomeHolder } from './bull-outcome-holder.js';
import type { BullQueue } from './bull-queue.js';
import type { WorkerNames } from './worker-names.js';

/** An agent's facts are a tenth of a second behind; it may be reconnecting, too. */
const AGENT_PATIENCE_MS = 10_000;

/**
 * Tells an outcome at once where no agent can have run the task, else waits for the agent's own account. A worker that lost its connection
 * just when Redis had stored the outcome never learns of it, and its agent never tells: so the wait has an end.
 */
export class OutcomeDelivery {
  readonly #workers: WorkerNames;
  readonly #holder: BullOutcomeHolder;
  readonly #tell: (event: TaskEvent, queue: BullQueue) => void;
  readonly #monotonic: () => number;

  constructor(
    workers: WorkerNames,
    holder: BullOutcomeHolder,
    tell: (event: TaskEvent, queue: BullQueue) => void,
    monotonic: () => number,
  ) {
    this.#workers = workers;
    this.#holder = holder;
    this.#tell = tell;
    this.#monotonic = monotonic;
  }

  /** `token` null: its start was not heard, so any agent may have run it. True where told at once. */
  deliver(event: TaskEvent, queue: BullQueue, jobId: string, token: string | null): boolean {
    const agentId = token === null ? undefined : this.#workers.agentOf(token);
    if (agentId === null) {
      this.#tell(event, queue);
      return true;
    }
    const patience = agentId === undefined ? this.#workers.patienceMs : AGENT_PATIENCE_MS;
    this.#holder.hold({ queue, jobId, event, agentId: agentId ?? null, until: this.#monotonic() + patience });
    return false;
  }
}
