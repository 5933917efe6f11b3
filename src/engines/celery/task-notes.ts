import { AgedMap } from '../../core/aged-map.js';
import type { TaskEvent } from '../../core/task-event.js';
import type { Relative } from '../../core/task-family.js';
import type { Incarnation } from './celery-worker.js';

/** What events told of one task and the domain does not keep: its arguments, its family, who runs it. Changed in place. */
export interface TaskNote {
  name: string | null;
  /** Python source text, cut by Celery at about 1024 characters. */
  args: string | null;
  kwargs: string | null;
  parentId: string | null;
  rootId: string | null;
  traceback: string | null;
  queue: string | null;
  sentAt: number | null;
  /** When it was sent last, for another attempt perhaps. */
  queuedAt: number | null;
  worker: string | null;
  incarnation: Incarnation | null;
  started: boolean;
  /** When the latest attempt began. */
  startedAt: number | null;
  /** Its latest start was known by its end first: when it comes after all it tells nothing new. */
  startInferred: boolean;
  /** When we heard of that, by our clock. */
  heardAt: number;
  /** Starts heard of. */
  attempts: number;
  /** The result backend has told its end in place of an event; one that comes after all tells nothing new. */
  settled: boolean;
  /** The event that tells its state: the latest by its timestamp. */
  latest: TaskEvent | null;
  /** As counted when it was closed. */
  bytes: number;
}

const MAX_OPEN = 100_000;
const MAX_CLOSED_BYTES = 16 * 1024 * 1024;
/** A record, its short texts, its latest event and its place in a map: measured, as what a task takes beside its live record. */
const NOTE_BYTES = 700;

/**
 * Notes about tasks, bounded: unfinished ones by number, finished ones by bytes, the oldest of each going first. On the event path: one
 * map operation per event.
 */
export class TaskNotes {
  readonly #open = new AgedMap<string, TaskNote>();
  readonly #closed = new AgedMap<string, TaskNote>();
  #closedBytes = 0;
  /** Attempts whose end was lost, as a later start of the same task has shown. */
  endsUntold = 0;

  get(id: string): TaskNote | undefined {
    return this.#open.get(id) ?? this.#closed.get(id);
  }

  open(id: string): TaskNote | undefined {
    return this.#open.get(id);
  }

  /** Tasks that have this root. O(notes): for people's questions, not for events. */
  relatives(rootId: string, limit: number): readonly Relative[] {
    const found: Relative[] = [];
    for (const notes of [this.#open, this.#closed]) {
      for (const [id, note] of notes.entries()) {
        if (note.rootId === rootId && found.length < limit) found.push({ id, parentId: note.parentId });
      }
    }
    return found;
  }

  openTasks(): IterableIterator<[string, TaskNote]> {
    return this.#open.entries();
  }

  /** The note to write into. A task of which something newer than its end is told is open again. */
  obtain(id: string, at: number): TaskNote {
    let note = this.#open.get(id);
    if (note !== undefined) return note;
    note = this.#closed.get(id);
    if (note === undefined) {
      note = newNote();
    } else if (note.latest !== null && at <= note.latest.at) {
      return note;
    } else {
      this.#closed.delete(id);
      this.#closedBytes -= note.bytes;
      note.started = false;
    }
    this.#open.set(id, note);
    if (this.#open.size > MAX_OPEN) this.#open.dropOldest();
    return note;
  }

  close(id: string): TaskNote | undefined {
    const note = this.#open.get(id);
    if (note === undefined) return this.#closed.get(id);
    this.#open.delete(id);
    this.#closed.set(id, note);
    note.bytes = sizeOf(note);
    this.#closedBytes += note.bytes;
    while (this.#closedBytes > MAX_CLOSED_BYTES) {
      const dropped = this.#closed.dropOldest();
      if (dropped === undefined) break;
      this.#closedBytes -= dropped.bytes;
    }
    return note;
  }
}

function newNote(): TaskNote {
  return {
    name: null,
    args: null,
    kwargs: null,
    parentId: null,
    rootId: null,
    traceback: null,
    queue: null,
    sentAt: null,
    queuedAt: null,
    worker: null,
    incarnation: null,
    started: false,
    startedAt: null,
    startInferred: false,
    heardAt: 0,
    attempts: 0,
    settled: false,
    latest: null,
    bytes: 0,
  };
}

/** What can make a note large. */
function sizeOf(note: TaskNote): number {
  const value = note.latest?.valueBytes ?? 0;
  return (
    NOTE_BYTES + 2 * (value + (note.args?.length ?? 0) + (note.kwargs?.length ?? 0) + (note.traceback?.length ?? 0))
  );
}
