import type { TaskEvent } from '../../core/task-event.js';
import type { JobQueue } from './job-queue.js';
import type { OutcomeHolder } from './outcome-holder.js';

/** That an agent will tell how a job ended. */
export interface AgentExpected {
  /** null where it is not known which, or whether one does at all. */
  readonly agentId: string | null;
  /** How long to wait for its word. */
  readonly patienceMs: number;
}

/** Who can tell: null where no agent can have run a job. `token` is that of the job's lock; null where it is not known. */
export type ExpectAgent = (queue: JobQueue, token: string | null) => AgentExpected | null;

/**
 * Tells an outcome at once where no agent can have run the task, else waits for the agent's own account. A worker that lost its connection
 * just when Redis had stored the outcome never learns of it, and its agent never tells: so the wait has an end.
 */
export class OutcomeDelivery {
  readonly #expect: ExpectAgent;
  readonly #holder: OutcomeHolder;
  readonly #tell: (event: TaskEvent, queue: JobQueue) => void;
  readonly #monotonic: () => number;

  constructor(
    expect: ExpectAgent,
    holder: OutcomeHolder,
    tell: (event: TaskEvent, queue: JobQueue) => void,
    monotonic: () => number,
  ) {
    this.#expect = expect;
    this.#holder = holder;
    this.#tell = tell;
    this.#monotonic = monotonic;
  }

  /** True where told at once. */
  deliver(event: TaskEvent, queue: JobQueue, jobId: string, token: string | null): boolean {
    const expected = this.#expect(queue, token);
    if (expected === null) {
      this.#tell(event, queue);
      return true;
    }
    const { agentId, patienceMs } = expected;
    this.#holder.hold({ queue, jobId, event, agentId, until: this.#monotonic() + patienceMs });
    return false;
  }
}
