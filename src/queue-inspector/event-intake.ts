import { LiveState, type LiveStateLimits } from '../core/live-state.js';
import { PayloadRedaction } from '../core/payload-redaction.js';
import { redactor } from '../core/redaction.js';
import type { Source } from '../core/source.js';
import type { EngineEvent, TaskEvent } from '../core/task-event.js';
import type { Transition } from '../core/transition.js';
import type { IntakeListener } from './intake-listener.js';

/** Beyond this the batch of transitions handed on is cut, so that one giant batch does not pin its memory for long. */
const TRANSITIONS_PER_CALL = 4096;

/**
 * The event path: batches from the engines go through live state, and what they change goes to the listeners. Synchronous from end to end:
 * when `take` returns, every counter knows.
 */
export class EventIntake {
  readonly live: LiveState;
  readonly #redaction: PayloadRedaction;
  readonly #listeners = new Set<IntakeListener>();
  #transitions: Transition[] = [];

  constructor(limits: LiveStateLimits, redaction = new PayloadRedaction(redactor())) {
    this.#redaction = redaction;
    this.live = new LiveState(limits);
  }

  /** Returns the function that ends the listening. */
  listen(listener: IntakeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  take(source: Source, batch: readonly EngineEvent[]): void {
    for (const event of batch) {
      switch (event.kind) {
        case 'worker-online':
        case 'worker-heartbeat':
        case 'worker-offline':
        case 'reconciled':
        case 'gap':
        case 'rejected':
          // Order between tasks and the rest is kept: a gap is told after the events before it.
          this.#handOn(source);
          for (const listener of this.#listeners) listener.notice(source, event);
          break;
        case 'payload':
          this.#payloads(source, event.ids);
          break;
        default:
          this.live.apply(source.name, source.engine, this.#safe(source.name, event), this.#transitions);
          if (this.#transitions.length >= TRANSITIONS_PER_CALL) this.#handOn(source);
      }
    }
    this.#handOn(source);
  }

  /** Only results, progress and errors can hold what must not be kept: nearly all events pass as they are. */
  #safe(source: string, event: TaskEvent): TaskEvent {
    if (!this.#redaction.concerns(event)) return event;
    return this.#redaction.event(event, this.live.get(source, event.id)?.name ?? null);
  }

  #payloads(source: Source, ids: readonly string[]): void {
    this.#handOn(source);
    const tasks = ids.map((id) => this.live.get(source.name, id)).filter((task) => task !== undefined);
    if (tasks.length > 0) for (const listener of this.#listeners) listener.payloads?.(source, tasks);
  }

  #handOn(source: Source): void {
    if (this.#transitions.length === 0) return;
    const batch = this.#transitions;
    this.#transitions = [];
    for (const listener of this.#listeners) listener.transitions(source, batch);
  }
}
