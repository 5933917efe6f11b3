import type { Outbox, UnnumberedFact } from './outbox.js';
import type { AgentQueue, FactKind } from './protocol.js';
import { UNKNOWN_JOB_NAME } from './protocol.js';
import { describeFailure } from './task-failure.js';
import type { EncodedResult } from './task-result.js';

const NO_RESULT: EncodedResult = { json: null, bytes: 0 };

/** What a fact says of its job, by the names that Bull and BullMQ share. */
export interface FactJob {
  readonly id: string | number;
  readonly name: string;
  readonly timestamp: number;
  readonly opts: { readonly delay?: unknown };
}

export interface Occurrence {
  readonly kind: FactKind;
  /** null where the library erased the job before anybody could read it. */
  readonly job: FactJob | null;
  readonly attempt: number;
  readonly at: number;
  readonly runtimeMs: number | null;
  readonly failure?: unknown;
  readonly timedOut?: boolean;
}

/** Writes down what happens to the jobs of one queue. */
export class FactRecorder {
  readonly #queue: AgentQueue;
  readonly #outbox: Outbox;
  readonly #onFact: () => void;

  constructor({ engine, prefix, queue }: AgentQueue, outbox: Outbox, onFact: () => void) {
    this.#queue = { engine, prefix, queue };
    this.#outbox = outbox;
    this.#onFact = onFact;
  }

  tell(occurrence: Occurrence, result: EncodedResult = NO_RESULT): void {
    const { kind, job, attempt, at, runtimeMs, failure, timedOut = false } = occurrence;
    const fact: UnnumberedFact = {
      kind,
      ...this.#queue,
      jobId: job === null ? '' : String(job.id),
      jobName: job?.name ?? UNKNOWN_JOB_NAME,
      attempt,
      at,
      sentAt: job?.timestamp ?? null,
      eta: job === null || attempt > 1 ? null : dueTime(job),
      runtimeMs,
      error: 'failure' in occurrence ? describeFailure(failure) : null,
      timedOut,
    };
    this.#outbox.record(fact, result);
    this.#onFact();
  }
}

/** When a delayed job was to start; later attempts have their own time, which the libraries do not keep. */
function dueTime(job: FactJob): number | null {
  const delay = Number(job.opts.delay ?? 0);
  return delay > 0 ? job.timestamp + delay : null;
}
