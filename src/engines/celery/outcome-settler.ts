import { type EngineEvent, type TaskEvent, type TaskEventKind, taskEvent } from '../../core/task-event.js';
import type { CeleryWorker, Incarnation } from './celery-worker.js';
import { tell } from './event-fields.js';
import { isTimeout } from './python-error.js';
import type { StoredResult } from './result-backend.js';
import type { ResultRow } from './result-row.js';
import type { TaskNote, TaskNotes } from './task-notes.js';
import { lostTask } from './untold-attempts.js';
import type { WorkerBook } from './worker-book.js';

export interface OutcomeSettlerParts {
  readonly workers: WorkerBook;
  readonly notes: TaskNotes;
  readonly stored: (id: string, signal: AbortSignal) => Promise<StoredResult | null>;
}

/** An event may be this long on its way before its absence means anything; workers send task events in batches. */
const LATE_MS = 4_000;
/** Questions to the result backend in one round. */
const MAX_QUESTIONS = 50;

const KIND_OF: Partial<Record<ResultRow['state'], TaskEventKind>> = {
  SUCCESS: 'task-succeeded',
  FAILURE: 'task-failed',
  REVOKED: 'task-revoked',
  RETRY: 'task-retried',
};

/**
 * Finds tasks that have begun, that their worker no longer runs, and whose end was never told: a worker that loses its broker while a task
 * runs loses that event too. The result backend knows how they ended; where it does not, and the broker was away meanwhile, an outcome may be
 * missing from the counters, and that is said. A task that asked to be ignored ends in the same silence, so without an outage nothing is said.
 */
export class OutcomeSettler {
  readonly #parts: OutcomeSettlerParts;
  /** Missing at the last round already, with the start they had then. */
  #suspects = new Map<string, number>();

  constructor(parts: OutcomeSettlerParts) {
    this.#parts = parts;
  }

  /**
   * To be called after a round of questions. O(unfinished tasks); asks the backend about fifty at most. What it finds is noted and told in one
   * go, so that whoever stores notes finds no end that is neither open nor told.
   */
  async round(epoch: number, signal: AbortSignal, listener: (events: readonly EngineEvent[]) => void): Promise<void> {
    const missing = this.#missing(epoch);
    const asked: (readonly [string, TaskNote, StoredResult | null])[] = [];
    const suspects = new Map<string, number>();
    for (const [id, note] of missing) {
      const startedAt = note.startedAt ?? 0;
      if (this.#suspects.get(id) !== startedAt || asked.length >= MAX_QUESTIONS) {
        suspects.set(id, startedAt);
        continue;
      }
      asked.push([id, note, await this.#parts.stored(id, signal)]);
    }
    this.#suspects = suspects;
    listener(this.#settled(asked, epoch));
  }

  #settled(
    asked: readonly (readonly [string, TaskNote, StoredResult | null])[],
    epoch: number,
  ): readonly EngineEvent[] {
    const out: EngineEvent[] = [];
    let unknown = this.#parts.notes.endsUntold;
    this.#parts.notes.endsUntold = 0;
    let from = epoch;
    for (const [id, note, stored] of asked) {
      // Its end may have been told while we asked.
      if (!note.started) continue;
      const startedAt = note.startedAt ?? 0;
      const event = stored?.kind === 'row' ? this.#eventOf(id, note, stored.row, epoch) : null;
      if (event !== null) {
        note.settled = true;
        note.latest = event;
        out.push(event);
      } else if (startedAt < (note.incarnation?.reconnectedAt ?? 0)) {
        unknown += 1;
        from = Math.min(from, startedAt);
      }
      if (event === null) tell(note, lostTask(id, note, epoch), out);
      note.started = false;
      if (event?.kind !== 'task-retried') this.#parts.notes.close(id);
    }
    if (unknown > 0) {
      out.push({
        kind: 'gap',
        from,
        to: epoch,
        queue: null,
        reason: 'unattributed',
        missed: unknown,
        exactness: 'at_most',
      });
    }
    return out;
  }

  #missing(epoch: number): readonly (readonly [string, TaskNote])[] {
    const running = new Map<Incarnation, { readonly ids: ReadonlySet<string>; readonly worker: CeleryWorker }>();
    for (const worker of this.#parts.workers.all()) {
      const { active } = worker.replies;
      // Only an answer to the latest round tells what it runs now.
      if (active === null || worker.unanswered > 0 || worker.saidGoodbye) continue;
      running.set(worker.incarnation, { worker, ids: new Set(active.value.map((task) => task.id)) });
    }
    const missing: (readonly [string, TaskNote])[] = [];
    for (const entry of this.#parts.notes.openTasks()) {
      const [id, note] = entry;
      if (!note.started || note.incarnation === null) continue;
      const known = running.get(note.incarnation);
      if (known !== undefined && !known.ids.has(id) && note.heardAt < epoch - LATE_MS) missing.push(entry);
    }
    return missing;
  }

  #eventOf(id: string, note: TaskNote, row: ResultRow, epoch: number): TaskEvent | null {
    const kind = KIND_OF[row.state];
    const at = row.finishedAt ?? epoch;
    // A row from before the attempt began tells of an earlier one.
    if (kind === undefined || at < (note.startedAt ?? 0)) return null;
    return taskEvent(kind, id, at, {
      occurrence: at,
      name: note.name ?? row.name,
      queue: note.queue,
      worker: note.worker,
      runtimeMs: note.startedAt === null ? null : at - note.startedAt,
      error: row.error,
      timedOut: row.error !== null && isTimeout(row.error),
      ...(kind === 'task-succeeded'
        ? { value: row.result, valueBytes: JSON.stringify(row.result ?? null).length }
        : {}),
    });
  }
}
