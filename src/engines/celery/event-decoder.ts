import type { Redactor } from '../../core/redaction.js';
import type { EngineEvent, TaskEventKind } from '../../core/task-event.js';
import { bytesOf, etaOf, fact, leniently, sentTo, tell, unregisteredName } from './event-fields.js';
import { type Fields, fieldsOf, isTooDeep, textIn } from './json-fields.js';
import type { KnownQueues } from './known-queues.js';
import { errorOfEvent, isTimeout } from './python-error.js';
import type { Refusal } from './refusal.js';
import { valueOfRepr } from './repr-value.js';
import type { TaskNote, TaskNotes } from './task-notes.js';
import { countStart, endWasLost, startedUnheard } from './untold-attempts.js';
import type { WorkerBook } from './worker-book.js';
import { WorkerEvents, type WorkerListener } from './worker-events.js';

export interface DecoderParts {
  readonly workers: WorkerBook;
  readonly queues: KnownQueues;
  readonly notes: TaskNotes;
  readonly redact: Redactor;
  readonly listener: WorkerListener;
}

/** A retry that is told by `task-failed` on newer Celery: an attempt was rejected, and a `task-rejected` of its own follows. */
const REJECT_TOLD_AS_FAILURE = 'reject requeue=';
/** After a rejection with requeue the task waits again; told as a fact of its own, just after the rejection. */
const JUST_AFTER_MS = 0.001;
const COMMON_FIELDS = new Set(['type', 'timestamp', 'hostname', 'pid', 'clock', 'utcoffset', 'uuid']);

/**
 * Turns the JSON of Celery's event channel into events of the domain. Synchronous, and called tens of thousands of times a second: no
 * allocation but the events. `utcoffset` is ignored on purpose: timestamps are epoch seconds already, and the offset is wrong.
 */
export class EventDecoder {
  readonly #workers: WorkerEvents;
  readonly #queues: KnownQueues;
  readonly #notes: TaskNotes;
  readonly #redact: Redactor;
  #epoch = 0;

  constructor(parts: DecoderParts) {
    this.#workers = new WorkerEvents(parts.workers, parts.listener);
    this.#queues = parts.queues;
    this.#notes = parts.notes;
    this.#redact = parts.redact;
  }

  /** The moment of everything decoded until the next call: our clocks are not asked for every event. */
  at(now: number, epoch: number): void {
    this.#workers.at(now, epoch);
    this.#epoch = epoch;
  }

  /** One message: an event, or a batch of them, possibly empty. What cannot be used is appended as `rejected`. */
  decode(json: string, out: EngineEvent[]): void {
    let parsed: unknown;
    try {
      parsed = JSON.parse(json);
    } catch {
      parsed = leniently(json); // NaN is no JSON, but Python writes it
    }
    if (!Array.isArray(parsed)) {
      this.#one(parsed, out);
      return;
    }
    for (const item of parsed) this.#one(item, out);
  }

  refuse(reason: Refusal, out: EngineEvent[]): void {
    out.push({ kind: 'rejected', at: this.#epoch, reason });
  }

  #one(item: unknown, out: EngineEvent[]): void {
    const event = fieldsOf(item);
    const type = event?.type;
    const timestamp = event?.timestamp;
    const hostname = event?.hostname;
    if (event === null || typeof type !== 'string' || typeof timestamp !== 'number' || typeof hostname !== 'string') {
      this.refuse('malformed', out);
      return;
    }
    const at = timestamp * 1000;
    if (type.startsWith('task-')) {
      const id = event.uuid;
      if (typeof id === 'string' && id !== '' && Number.isFinite(at)) this.#task(type, id, at, hostname, event, out);
      else this.refuse('malformed', out);
    } else if (type === 'worker-heartbeat' || type === 'worker-online' || type === 'worker-offline') {
      this.#workers.told(type, at, hostname, event);
    } else if (type === 'worker-resources') {
      this.#workers.measured(at, hostname, event);
    }
    // Elections and an application's own groups say nothing about tasks.
  }

  #task(type: string, id: string, at: number, hostname: string, event: Fields, out: EngineEvent[]): void {
    switch (type) {
      case 'task-received': {
        const worker = this.#workers.heard(hostname, event, at);
        const note = this.#describe(id, event, at);
        note.worker = hostname;
        note.incarnation = worker.incarnation;
        note.queue ??= worker.onlyQueue;
        tell(
          note,
          fact('task-received', id, at, note.name, note.queue, hostname, null, null, etaOf(event), null, false),
          out,
        );
        return;
      }
      case 'task-started': {
        const worker = this.#workers.heard(hostname, event, at);
        const note = this.#notes.obtain(id, at);
        if (endWasLost(note, at)) this.#notes.endsUntold += 1;
        note.worker = hostname;
        note.incarnation = worker.incarnation;
        note.started = true;
        countStart(note, worker, at, event.clock);
        note.queue ??= worker.onlyQueue;
        note.startedAt = at;
        note.heardAt = this.#epoch;
        note.attempts += 1;
        tell(note, fact('task-started', id, at, note.name, note.queue, hostname, null, null, null, null, false), out);
        return;
      }
      case 'task-succeeded': {
        const worker = this.#workers.heard(hostname, event, at);
        const note = this.#notes.obtain(id, at);
        const runtime = event.runtime;
        const ms = typeof runtime === 'number' ? runtime * 1000 : null;
        if (!note.started) startedUnheard(note, worker, at - (ms ?? 0), event.clock);
        const repr = event.result;
        const said = typeof repr === 'string';
        const value = said ? valueOfRepr(repr, this.#redact) : undefined;
        const bytes = said ? repr.length : 0;
        const { name, queue } = note;
        const succeeded = fact(
          'task-succeeded',
          id,
          at,
          name,
          queue,
          hostname,
          ms,
          null,
          null,
          null,
          false,
          value,
          bytes,
        );
        tell(note, succeeded, out);
        this.#notes.close(id);
        return;
      }
      case 'task-sent': {
        const note = this.#describe(id, event, at);
        const queue = sentTo(event);
        if (queue !== null) {
          note.queue = queue;
          this.#queues.add(queue);
        }
        note.sentAt ??= at;
        note.queuedAt = Math.max(at, note.queuedAt ?? at);
        tell(note, fact('task-sent', id, at, note.name, note.queue, null, null, at, etaOf(event), null, false), out);
        return;
      }
      case 'task-failed':
        this.#failed(id, at, hostname, event, out);
        return;
      case 'task-retried': {
        this.#workers.heard(hostname, event, at);
        const note = this.#notes.obtain(id, at);
        const error = errorOfEvent(event.exception, event.traceback);
        this.#ended(note);
        const timedOut = isTimeout(error);
        tell(
          note,
          fact('task-retried', id, at, note.name, note.queue, hostname, null, null, null, error, timedOut),
          out,
        );
        return;
      }
      case 'task-revoked':
        this.#over('task-revoked', id, at, hostname, event, out);
        return;
      case 'task-rejected':
        this.#over('task-rejected', id, at, hostname, event, out);
        if (event.requeue === true) this.#over('task-requeued', id, at + JUST_AFTER_MS, hostname, event, out);
        return;
      case 'task-cancelled':
        // Its connection broke before it could be acknowledged: the broker gives it to somebody else.
        this.#over('task-requeued', id, at, hostname, event, out);
        return;
      default:
        this.#custom(type, id, at, hostname, event, out);
    }
  }

  #failed(id: string, at: number, hostname: string, event: Fields, out: EngineEvent[]): void {
    const worker = this.#workers.heard(hostname, event, at);
    const { exception } = event;
    if (typeof exception === 'string' && exception.startsWith(REJECT_TOLD_AS_FAILURE)) return;
    const note = this.#notes.obtain(id, at);
    if (!note.started) startedUnheard(note, worker, at, event.clock);
    note.traceback = textIn(event.traceback);
    const error = errorOfEvent(exception, note.traceback);
    const timedOut = isTimeout(error);
    const name = note.name ?? unregisteredName(error);
    const failed = fact('task-failed', id, at, name, note.queue, hostname, null, null, null, error, timedOut);
    // Newer Celery tells a hard time limit twice, a moment apart: without an occurrence it is one failure of the attempt that runs.
    const told = error.type === 'TimeLimitExceeded' ? { ...failed, occurrence: null } : failed;
    tell(note, told, out);
    this.#notes.close(id);
  }

  #over(kind: TaskEventKind, id: string, at: number, hostname: string, event: Fields, out: EngineEvent[]): void {
    this.#workers.heard(hostname, event, at);
    const note = this.#notes.obtain(id, at);
    tell(note, fact(kind, id, at, note.name, note.queue, hostname, null, null, null, null, false), out);
    if (kind === 'task-requeued') this.#ended(note);
    else this.#notes.close(id);
  }

  /** `self.send_event('task-progress', …)` and other events of the application's own making. */
  #custom(type: string, id: string, at: number, hostname: string, event: Fields, out: EngineEvent[]): void {
    if (isTooDeep(event)) {
      this.refuse('too-deep', out);
      return;
    }
    const told = Object.entries(event).filter(([name]) => !COMMON_FIELDS.has(name));
    if (type !== 'task-progress') told.unshift(['event', type]);
    const value = this.#redact(Object.fromEntries(told));
    const note = this.#notes.open(id);
    const bytes = told.reduce((sum, [name, item]) => sum + name.length + bytesOf(item), 0);
    const worker = note?.worker ?? hostname;
    const [name, queue] = [note?.name ?? null, note?.queue ?? null];
    out.push(fact('task-progress', id, at, name, queue, worker, null, null, null, null, false, value, bytes));
  }

  #describe(id: string, event: Fields, at: number): TaskNote {
    const note = this.#notes.obtain(id, at);
    const { name, args, kwargs, root_id: rootId, parent_id: parentId } = event;
    if (typeof name === 'string') note.name = name;
    if (typeof args === 'string') note.args = args;
    if (typeof kwargs === 'string') note.kwargs = kwargs;
    if (typeof rootId === 'string') note.rootId = rootId;
    // A retry names itself as its parent.
    if (typeof parentId === 'string' && parentId !== id) note.parentId = parentId;
    return note;
  }

  #ended(note: TaskNote): void {
    note.started = false;
    note.incarnation = null;
  }
}
