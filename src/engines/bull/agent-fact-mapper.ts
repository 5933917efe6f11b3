import { type TaskFact, UNKNOWN_JOB_NAME } from '../../../agent/protocol.js';
import type { AttemptOutcome } from '../../core/task.js';
import type { EngineEvent } from '../../core/task-event.js';
import type { Loss } from '../jobs/agent-account.js';
import { FACT_EVENT, factEvent } from '../jobs/fact-event.js';
import { isStallFailure } from '../jobs/job-error.js';
import type { OutcomeHolder } from '../jobs/outcome-holder.js';
import { isNameless, type StallMatcher } from '../jobs/stall-matcher.js';
import type { BullQueue } from './bull-queue.js';
import type { BullTally } from './bull-tally.js';
import { type BullTaskTracker, baseAfter, type TrackedJob } from './bull-task-tracker.js';

export interface FactMapperOptions {
  readonly tracker: BullTaskTracker;
  readonly holder: OutcomeHolder;
  readonly stalls: StallMatcher;
  readonly tally: BullTally;
  readonly queueOf: (prefix: string, name: string) => BullQueue | null;
  readonly workerOf: (agentId: string) => string | null;
  readonly tokenOf: (agentId: string, queue: BullQueue) => string | null;
  /** The token under which a task runs has turned out to be this agent's. */
  readonly learn: (token: string, agentId: string) => void;
  readonly emit: (event: EngineEvent) => void;
  readonly redact: (value: unknown) => unknown;
  readonly now: () => number;
}

const OUTCOME_OF: Readonly<Record<Loss['row']['kind'], AttemptOutcome>> = {
  succeeded: 'success',
  failed: 'failure',
  retried: 'retry',
  revoked: 'revoked',
};

/**
 * An agent's facts become events. For the tasks it runs its word counts: what publish/subscribe said of their ends was held back, and is
 * dropped here. What publish/subscribe has told already, before the agent was known, is not told again.
 */
export class AgentFactMapper {
  readonly #o: FactMapperOptions;

  constructor(options: FactMapperOptions) {
    this.#o = options;
  }

  take(agentId: string, fact: TaskFact): void {
    const { tracker, tally, holder } = this.#o;
    const queue = this.#o.queueOf(fact.prefix, fact.queue);
    if (!queue) return;
    if (fact.jobId === '') {
      this.#nameless(queue, fact);
      return;
    }
    const known = tracker.get(queue, fact.jobId);
    // Looked up only where it is asked for: in a large map this is a good part of what a fact costs.
    const ended = known ? undefined : tracker.ended(queue, fact.jobId);
    if (known?.token != null && known.state === 'active' && known.attempt === fact.attempt) {
      this.#o.learn(known.token, agentId);
    }
    const base = known?.base ?? baseAfter(ended, fact.sentAt);
    const over = ended !== undefined && ended.base === base && fact.attempt <= ended.attempt;
    const event = factEvent(queue, fact, base + fact.attempt, this.#o.workerOf(agentId), this.#o.redact);

    switch (fact.kind) {
      case 'started': {
        if (over || (known && known.state === 'active' && known.attempt >= fact.attempt)) return;
        const job = known ?? this.#meet(queue, fact, base);
        job.state = 'active';
        job.stalled = false;
        job.attempt = fact.attempt;
        job.startedAt = fact.at;
        job.token = this.#o.tokenOf(agentId, queue);
        this.#o.emit(event);
        return;
      }
      case 'retried': {
        if (!holder.take(event) && known && known.retriedTold >= fact.attempt) return;
        if (known) {
          known.retried = Math.max(known.retried, fact.attempt);
          if (known.state === 'active' && known.attempt === fact.attempt) known.state = 'retrying';
        }
        this.#o.emit(event);
        return;
      }
      case 'succeeded':
      case 'failed':
      case 'revoked': {
        // An end held for this task is this one: a task does not end twice without starting in between.
        const held = holder.take(event);
        if (!held) {
          if (over) {
            // It was told when it was published, and is matched by its id.
            if (isStallFailure(fact.error?.message ?? null)) this.#o.stalls.match(queue);
            return;
          }
          tracker.end(queue, fact.jobId, { base, attempt: fact.attempt, sentAt: fact.sentAt });
          tally.ended(queue, endOf(fact));
        }
        this.#o.emit(event);
        return;
      }
      default: {
        const never: never = fact.kind;
        throw new Error(`unknown kind ${String(never)}`);
      }
    }
  }

  /** What the agent counted without our ever hearing of it; ends that were heard by publish/subscribe are told with their ids. */
  lost(agentId: string, { row, count, timedOut }: Loss): void {
    const queue = this.#o.queueOf(row.prefix, row.queue);
    if (!queue) return;
    const name = queue.taskName(row.jobName);
    const kind = FACT_EVENT[row.kind];
    const released = this.#o.holder.releaseFitting(
      count,
      ({ agentId: owner, event }) =>
        owner === agentId && event.kind === kind && (event.name === name || event.name === null),
    );
    let left = count - released;
    if (isNameless(row.jobName)) while (left > 0 && this.#o.stalls.match(queue)) left -= 1;
    if (left === 0) return;
    if (row.kind !== 'retried') {
      const how = OUTCOME_OF[row.kind] === 'success' ? 'success' : 'failure';
      for (let i = 0; i < left; i += 1) this.#o.tally.ended(queue, how);
    }
    this.#o.emit({
      kind: 'reconciled',
      at: this.#o.now(),
      name,
      outcome: OUTCOME_OF[row.kind],
      count: left,
      timedOut: Math.min(left, timedOut),
      reason: row.reason,
    });
  }

  /** A job that Bull erased as it failed it for stalling: nobody knows which, but that it failed is certain. */
  #nameless(queue: BullQueue, fact: TaskFact): void {
    if (fact.kind === 'started' || this.#o.stalls.match(queue)) return;
    this.#o.tally.ended(queue, 'stalled');
    this.#o.emit({
      kind: 'reconciled',
      at: fact.at,
      name: queue.taskName(fact.jobName || UNKNOWN_JOB_NAME),
      outcome: OUTCOME_OF[fact.kind],
      count: 1,
      timedOut: fact.timedOut ? 1 : 0,
      reason: null,
    });
  }

  #meet(queue: BullQueue, fact: TaskFact, base: number): TrackedJob {
    return this.#o.tracker.track(queue, fact.jobId, {
      base,
      name: fact.jobName,
      sentAt: fact.sentAt,
      eta: fact.eta,
      heardAt: this.#o.now(),
      state: 'waiting',
      attempt: 0,
      retried: fact.attempt - 1,
      retriedTold: 0,
      startedAt: null,
      token: null,
      stalled: false,
    });
  }
}

function endOf(fact: TaskFact): 'success' | 'failure' | 'stalled' | 'revoked' {
  if (fact.kind === 'succeeded') return 'success';
  if (fact.kind === 'revoked') return 'revoked';
  return isStallFailure(fact.error?.message ?? null) ? 'stalled' : 'failure';
}
