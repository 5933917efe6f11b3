import type { EngineEvent } from '../../core/task-event.js';

/** Gathers events, so that the listener is called once per batch and not once per event; at the latest when this turn of the loop ends. */
export class EventOutbox {
  #send: ((batch: readonly EngineEvent[]) => void) | null = null;
  #batch: EngineEvent[] = [];
  #scheduled = false;

  open(send: (batch: readonly EngineEvent[]) => void): void {
    this.#send = send;
  }

  push(event: EngineEvent): void {
    this.#batch.push(event);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.flush());
  }

  flush(): void {
    this.#scheduled = false;
    if (this.#batch.length === 0) return;
    const batch = this.#batch;
    this.#batch = [];
    this.#send?.(batch);
  }

  close(): void {
    this.#send = null;
  }
}
