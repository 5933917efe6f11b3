import type { TaskError } from '../../core/task.js';
import type { EngineEvent, TaskEvent, TaskEventKind } from '../../core/task-event.js';
import { type Fields, textIn, timeIn } from './json-fields.js';
import { parsePythonJson } from './python-json.js';
import type { TaskNote } from './task-notes.js';

/** Appends an event, unless the result backend has told the same already, and notes it where it is the latest of its task. */
export function tell(note: TaskNote, event: TaskEvent, out: EngineEvent[]): void {
  if (note.settled) {
    if (event.kind !== 'task-received' && event.kind !== 'task-started') return;
    note.settled = false;
  }
  if (note.latest === null || event.at >= note.latest.at) note.latest = event;
  out.push(event);
}

/** Every event is made here, so that all have one shape; positions rather than an object of options, which would be one more to make. */
export function fact(
  kind: TaskEventKind,
  id: string,
  at: number,
  name: string | null,
  queue: string | null,
  worker: string | null,
  runtimeMs: number | null,
  sentAt: number | null,
  eta: number | null,
  error: TaskError | null,
  timedOut: boolean,
  value?: unknown,
  valueBytes = 0,
): TaskEvent {
  return {
    kind,
    id,
    at,
    occurrence: at,
    name,
    queue,
    worker,
    runtimeMs,
    sentAt,
    eta,
    error,
    timedOut,
    value,
    valueBytes,
  };
}

export function etaOf(event: Fields): number | null {
  return event.eta === null ? null : timeIn(event.eta);
}

/** Through the default exchange the routing key is the queue's name; through any other only the broker knows. */
export function sentTo(event: Fields): string | null {
  return textIn(event.queue) ?? (event.exchange === '' ? textIn(event.routing_key) : null);
}

/** An unregistered task is told with no name but the one in its error. */
export function unregisteredName(error: TaskError): string | null {
  return error.type === 'NotRegistered' ? error.message : null;
}

export function bytesOf(value: unknown): number {
  return typeof value === 'string' ? value.length : typeof value === 'object' ? JSON.stringify(value).length : 8;
}

export function leniently(json: string): unknown {
  try {
    return parsePythonJson(json);
  } catch {
    return undefined; // counted as malformed where it is read
  }
}
