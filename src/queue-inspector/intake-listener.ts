import type { LiveTask } from '../core/live-task.js';
import type { Source } from '../core/source.js';
import type { GapEvent, ReconciledEvent, RejectedEvent, WorkerEvent } from '../core/task-event.js';
import type { Transition } from '../core/transition.js';

/** Everything an engine tells that is not about one task. */
export type Notice = WorkerEvent | ReconciledEvent | GapEvent | RejectedEvent;

/** Hears what becomes known, synchronously and in order, on the event path: must be quick and must not throw. */
export interface IntakeListener {
  transitions(source: Source, batch: readonly Transition[]): void;
  notice(source: Source, notice: Notice): void;
  /** `payloadOf` has more of these tasks than before. */
  payloads?(source: Source, tasks: readonly LiveTask[]): void;
}
