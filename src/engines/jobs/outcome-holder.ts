import type { TaskEvent } from '../../core/task-event.js';
import type { JobQueue } from './job-queue.js';

/** An outcome heard by publish/subscribe that an agent is expected to tell better. */
export interface HeldOutcome {
  readonly queue: JobQueue;
  readonly jobId: string;
  readonly event: TaskEvent;
  /** The agent that runs the job; null where it is not known whether one does. */
  readonly agentId: string | null;
  /** By the monotonic clock. */
  readonly until: number;
}

const MAX_HELD = 50_000;
const RELEASE_EVERY_MS = 250;

/**
 * Outcomes that wait for an agent's own account. An agent's tasks count by what the agent says; should it die without saying, what was heard
 * is told instead. Each outcome leaves exactly once: taken by its fact, taken for a loss the agent's totals show, or released.
 */
export class OutcomeHolder {
  readonly #held = new Map<string, HeldOutcome>();
  readonly #release: (outcome: HeldOutcome) => void;
  #releasing: NodeJS.Timeout | null = null;

  constructor(release: (outcome: HeldOutcome) => void) {
    this.#release = release;
  }

  get size(): number {
    return this.#held.size;
  }

  /** From here on what has waited long enough is released by itself. */
  start(monotonic: () => number): void {
    this.#releasing ??= setInterval(() => this.releaseDue(monotonic()), RELEASE_EVERY_MS);
  }

  stop(): void {
    if (this.#releasing) clearInterval(this.#releasing);
    this.#releasing = null;
  }

  hold(outcome: HeldOutcome): void {
    this.#held.set(keyOf(outcome.event), outcome);
    if (this.#held.size <= MAX_HELD) return;
    for (const oldest of this.#held.keys()) {
      this.#let(oldest);
      return;
    }
  }

  /** The agent has told: what was held for the same attempt, or as the task's end, is dropped, and answered. null where nothing was. */
  take(event: TaskEvent): TaskEvent | null {
    const key = keyOf(event);
    const held = this.#held.get(key);
    if (!held) return null;
    this.#held.delete(key);
    return held.event;
  }

  held(): IterableIterator<HeldOutcome> {
    return this.#held.values();
  }

  holdsEnd(id: string): boolean {
    return this.#held.has(id);
  }

  /** The agent's totals count outcomes of which it never told: those held that fit are released, at most `limit`. Returns how many. */
  releaseFitting(limit: number, fits: (outcome: HeldOutcome) => boolean): number {
    let released = 0;
    for (const [key, outcome] of this.#held) {
      if (released >= limit) break;
      if (!fits(outcome)) continue;
      this.#let(key);
      released += 1;
    }
    return released;
  }

  /** The longest held first, until no more than so many are left. */
  releaseBeyond(limit: number): void {
    for (const key of this.#held.keys()) {
      if (this.#held.size <= limit) return;
      this.#let(key);
    }
  }

  releaseDue(now: number): void {
    for (const [key, outcome] of this.#held) if (outcome.until <= now) this.#let(key);
  }

  releaseAgent(agentId: string): void {
    for (const [key, outcome] of this.#held) if (outcome.agentId === agentId) this.#let(key);
  }

  #let(key: string): void {
    const outcome = this.#held.get(key);
    this.#held.delete(key);
    if (outcome) this.#release(outcome);
  }
}

/** A task has many retries and, until it starts again, one end. */
function keyOf({ kind, id, occurrence }: TaskEvent): string {
  return kind === 'task-retried' ? `${id} ${occurrence}` : id;
}
