import { type TaskEvent, taskEvent } from '../../core/task-event.js';
import type { CeleryWorker } from './celery-worker.js';
import type { TaskNote } from './task-notes.js';

/** Between the moment from which a run time counts and the `task-started` of the same attempt. */
const SAME_START_MS = 1_000;

/** To be called for an end without an open start: the start was lost on the way, or was closed as lost itself and is known. */
export function startedUnheard(note: TaskNote, worker: CeleryWorker, startedAt: number, clock: unknown): void {
  if (note.settled || (note.startedAt !== null && note.startedAt > startedAt - SAME_START_MS)) return;
  note.startInferred = true;
  worker.incarnation.ledger.startedUnheard(startedAt, clock);
}

/** A start has been heard of: counted, unless its end has told of it before. */
export function countStart(note: TaskNote, worker: CeleryWorker, at: number, clock: unknown): void {
  const late = note.startInferred && note.latest !== null && at <= note.latest.at;
  note.startInferred = false;
  if (!late) worker.incarnation.ledger.started(clock);
}

/** Of a new start: an outage has cut off the attempt before, and the broker has given the task out again. */
export function endWasLost(note: TaskNote, at: number): boolean {
  if (!note.started || note.startedAt === null || note.startedAt >= at) return false;
  return note.startedAt < (note.incarnation?.reconnectedAt ?? 0);
}

/** Of a task that runs no more and whose end nobody has told: its attempt is over, as the one that began then. */
export function lostTask(id: string, note: TaskNote, epoch: number): TaskEvent {
  const { name, queue, worker, startedAt } = note;
  return taskEvent('task-lost', id, epoch, { occurrence: startedAt, name, queue, worker });
}
