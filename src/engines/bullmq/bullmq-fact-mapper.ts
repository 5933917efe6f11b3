import type { TaskFact } from '../../../agent/protocol.js';
import type { EngineEvent, TaskEvent } from '../../core/task-event.js';
import type { Loss } from '../jobs/agent-account.js';
import { FACT_EVENT, factEvent } from '../jobs/fact-event.js';
import { isStallFailure } from '../jobs/job-error.js';
import type { OutcomeHolder } from '../jobs/outcome-holder.js';
import { isNameless, type StallMatcher } from '../jobs/stall-matcher.js';
import type { BullmqQueue } from './bullmq-queue.js';
import { type BullmqTaskTracker, type EndedJob, type TrackedJob, UNSTARTED } from './bullmq-task-tracker.js';

export interface FactMapperOptions {
  readonly tracker: BullmqTaskTracker;
  readonly holder: OutcomeHolder;
  readonly stalls: StallMatcher;
  /** null where the queue has not been found yet: then its stream will tell all of it. */
  readonly queueOf: (prefix: string, name: string) => BullmqQueue | null;
  readonly workerOf: (agentId: string) => string | null;
  /** Told by an agent and by no entry: the ledger must not miss it. */
  readonly told: (queue: BullmqQueue, what: 'succeeded' | 'failed' | 'retried') => void;
  readonly emit: (event: EngineEvent) => void;
  readonly redact: (value: unknown) => unknown;
}

/**
 * An agent's facts become events. For the jobs it runs its word counts: what the stream said of their ends was held back, and is dropped here.
 * The stream comes first, as an agent tells a tenth of a second late; a fact of which no entry has told is one whose entry was cut off.
 */
export class BullmqFactMapper {
  readonly #o: FactMapperOptions;

  constructor(options: FactMapperOptions) {
    this.#o = options;
  }

  /** True where no entry read so far tells the same: then the stream has to be read first. */
  isAhead(fact: TaskFact): boolean {
    const queue = this.#o.queueOf(fact.prefix, fact.queue);
    if (!queue || fact.jobId === '') return false;
    const known = this.#o.tracker.get(queue, fact.jobId);
    if (isOver(fact, known, this.#o.tracker.ended(queue, fact.jobId))) return false;
    if (!known || fact.kind === 'started') return !known || known.attempt < fact.attempt;
    return fact.kind !== 'retried' || known.retried < fact.attempt;
  }

  take(agentId: string, fact: TaskFact): void {
    const queue = this.#o.queueOf(fact.prefix, fact.queue);
    if (!queue) return;
    if (fact.jobId === '') {
      this.#nameless(queue, fact);
      return;
    }
    const known = this.#o.tracker.get(queue, fact.jobId);
    const ended = this.#o.tracker.ended(queue, fact.jobId);
    const over = isOver(fact, known, ended);
    const base = known?.base ?? ended?.base ?? 0;
    const event = factEvent(queue, fact, base + fact.attempt, this.#o.workerOf(agentId), this.#o.redact);
    switch (fact.kind) {
      case 'started':
        if (!over) this.#started(queue, fact, known, base, event);
        return;
      case 'retried':
        this.#retried(queue, fact, known, over, event);
        return;
      case 'succeeded':
      case 'failed':
      case 'revoked':
        this.#ended(queue, fact, base, over, event);
        return;
      default:
        fact.kind satisfies never;
    }
  }

  /**
   * What an agent counted without our ever hearing of it. The stream has told it all the same, and where it was cut off the queue's own books
   * say what is missing: so only what was held back for this agent is told now.
   */
  lost(agentId: string, { row, count }: Loss): void {
    const queue = this.#o.queueOf(row.prefix, row.queue);
    if (!queue) return;
    const kind = FACT_EVENT[row.kind];
    const name = queue.taskName(row.jobName);
    const released = this.#o.holder.releaseFitting(
      count,
      (held) => held.agentId === agentId && held.event.kind === kind && held.event.name === name,
    );
    if (isNameless(row.jobName)) for (let left = count - released; left > 0; left -= 1) this.#o.stalls.match(queue);
  }

  #started(queue: BullmqQueue, fact: TaskFact, known: TrackedJob | undefined, base: number, event: TaskEvent): void {
    if (known && known.attempt >= fact.attempt) {
      if (known.state === 'active' && known.attempt === fact.attempt) known.worker ??= event.worker;
      return;
    }
    const job =
      known ??
      this.#o.tracker.track(queue, fact.jobId, {
        ...UNSTARTED,
        base,
        name: fact.jobName,
        sentAt: fact.sentAt,
        eta: fact.eta,
        retried: fact.attempt - 1,
        ended: null,
      });
    job.state = 'active';
    job.attempt = fact.attempt;
    job.startedAt = fact.at;
    job.worker = event.worker;
    job.primed = true;
    this.#o.emit(event);
  }

  #retried(queue: BullmqQueue, fact: TaskFact, known: TrackedJob | undefined, over: boolean, event: TaskEvent): void {
    if (!this.#o.holder.take(event)) {
      if (over || (known && known.retried >= fact.attempt)) return;
      if (known) known.retried = fact.attempt;
      this.#o.told(queue, 'retried');
    }
    this.#o.emit(event);
  }

  #ended(queue: BullmqQueue, fact: TaskFact, base: number, over: boolean, event: TaskEvent): void {
    // An end held for this task is this one: a task does not end twice without starting in between.
    const held = this.#o.holder.take(event);
    if (held) {
      this.#o.emit({ ...event, occurrence: held.occurrence });
      return;
    }
    if (over) {
      // It was told when its entry was read, and is matched by its id.
      if (isStallFailure(fact.error?.message ?? null)) this.#o.stalls.match(queue);
      return;
    }
    this.#o.tracker.end(queue, fact.jobId, { base, attempt: fact.attempt, repaired: true });
    this.#o.told(queue, fact.kind === 'succeeded' ? 'succeeded' : 'failed');
    this.#o.emit(event);
  }

  /** A job that was erased as it failed for stalling, as version 4 does: the stream tells the same with its id. */
  #nameless(queue: BullmqQueue, fact: TaskFact): void {
    if (fact.kind !== 'started') this.#o.stalls.match(queue);
  }
}

/** The attempt has ended, as is known already: by the end of the job, or because a later one has begun. */
function isOver({ attempt }: TaskFact, known: TrackedJob | undefined, ended: EndedJob | undefined): boolean {
  if (known && known.attempt > attempt) return true;
  // An end of an earlier job with this id says nothing.
  return ended !== undefined && attempt <= ended.attempt && (!known || known.base === ended.base);
}
