import type { Clock } from '../../core/clock.js';
import type { RevokeReport, RevokeRequest } from '../../core/queue-engine.js';
import { isReady } from '../../core/task.js';
import { isUp } from '../../core/worker.js';
import type { WorkerAnswer } from '../../core/worker-control.js';
import type { Pidbox } from './pidbox.js';
import type { StoredResult } from './result-backend.js';
import type { RevokedIds } from './revoked-ids.js';
import type { TaskFinder } from './task-finder.js';
import type { TaskNotes } from './task-notes.js';
import { answersOf } from './worker-answers.js';
import type { WorkerBook } from './worker-book.js';

export interface RevokerParts {
  readonly pidbox: Pidbox;
  readonly finder: TaskFinder;
  readonly workers: WorkerBook;
  readonly notes: TaskNotes;
  readonly revoked: RevokedIds;
  readonly clock: Clock;
  /** Its stored result; null where nothing is stored or the backend cannot be asked. */
  readonly stored: (id: string, signal: AbortSignal) => Promise<StoredResult | null>;
}

const ANSWER_MS = 1_000;
/** A terminated task is told as revoked in the same second, if its worker sends events. */
const PROOF_MS = 2_000;
const PROOF_EVERY_MS = 20;

/**
 * Revokes with proof. Celery's own answer is only "I have noted the id": whether a task is stopped depends on whether it runs, on the pool,
 * and on every worker having heard. So it is looked for first, and its end waited for.
 */
export class Revoker {
  readonly #parts: RevokerParts;

  constructor(parts: RevokerParts) {
    this.#parts = parts;
  }

  async revoke(id: string, request: RevokeRequest, signal: AbortSignal): Promise<RevokeReport> {
    const finished = await this.#finished(id, signal);
    if (finished !== null)
      return { id, outcome: 'too-late', message: `It had already ended: ${finished}.`, workers: [] };

    const { workers: book, clock, revoked } = this.#parts;
    const now = clock.monotonic();
    const up = [...book.all()].filter((worker) => isUp(book.status(worker, now)));
    const names = up.map((worker) => worker.name);
    const runner = await this.#runner(id, signal);
    if (runner === null) revoked.add(id, now);
    if (names.length === 0) {
      return {
        id,
        outcome: 'unacknowledged',
        message: 'No worker is there to hear it; workers that join within three hours will be told.',
        workers: [],
      };
    }

    const answers = await this.#tell(id, request, names, signal);
    return runner === null
      ? waitingReport(id, answers)
      : await this.#runningReport(id, runner, request, answers, signal);
  }

  /** How it ended; null where it has not, as far as anybody knows. Since 5.6 REVOKED is stored of a task that runs on, too: see `believed`. */
  async #finished(id: string, signal: AbortSignal): Promise<string | null> {
    const latest = this.#parts.notes.get(id)?.latest ?? null;
    if (latest !== null) {
      if (latest.kind === 'task-succeeded' || latest.kind === 'task-failed' || latest.kind === 'task-revoked') {
        return latest.kind.slice('task-'.length);
      }
    }
    const stored = await this.#parts.stored(id, signal);
    if (stored?.kind !== 'row' || !isReady(stored.row.state)) return null;
    return stored.row.state === 'REVOKED' && (await this.#runner(id, signal)) !== null ? null : stored.row.state;
  }

  /** The worker that runs it, by its own word or by its last event. */
  async #runner(id: string, signal: AbortSignal): Promise<string | null> {
    const held = await this.#parts.finder.ask(id, signal);
    const note = this.#parts.notes.open(id);
    if (held?.state === 'STARTED') return held.worker;
    return note?.started === true ? note.worker : null;
  }

  async #tell(
    id: string,
    request: RevokeRequest,
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly WorkerAnswer[]> {
    const answers = await this.#parts.pidbox.ask({
      method: 'revoke',
      arguments: request.terminate
        ? { task_id: id, terminate: true, signal: request.signal ?? 'SIGTERM' }
        : { task_id: id, terminate: false },
      to: names,
      withinMs: ANSWER_MS,
      signal,
    });
    return answersOf(names, answers);
  }

  async #runningReport(
    id: string,
    runner: string,
    request: RevokeRequest,
    workers: readonly WorkerAnswer[],
    signal: AbortSignal,
  ): Promise<RevokeReport> {
    if (!request.terminate) {
      const message = `It runs on ${runner} and goes on: only terminate stops a running task. It will not be retried.`;
      return { id, outcome: 'too-late', message, workers };
    }
    const answer = workers.find(({ worker }) => worker === runner);
    if (answer?.answer === 'refused') {
      const message = `It runs on ${runner}, which cannot stop it: ${answer.message ?? 'no reason given'}.`;
      return { id, outcome: 'unacknowledged', message, workers };
    }
    if (answer?.answer !== 'acknowledged') {
      return { id, outcome: 'unacknowledged', message: `It runs on ${runner}, which has not answered.`, workers };
    }
    const proved = await this.#revokedEvent(id, signal);
    return proved
      ? { id, outcome: 'revoked', message: `It ran on ${runner} and was stopped.`, workers }
      : {
          id,
          outcome: 'accepted',
          message: `${runner} has accepted to stop it; its end has not been heard of.`,
          workers,
        };
  }

  async #revokedEvent(id: string, signal: AbortSignal): Promise<boolean> {
    const { clock, notes } = this.#parts;
    const deadline = clock.monotonic() + PROOF_MS;
    while (clock.monotonic() < deadline && !signal.aborted) {
      if (notes.get(id)?.latest?.kind === 'task-revoked') return true;
      await new Promise((resolve) => setTimeout(resolve, PROOF_EVERY_MS));
    }
    return false;
  }
}

/** Not running anywhere: whoever takes it next must know. */
function waitingReport(id: string, workers: readonly WorkerAnswer[]): RevokeReport {
  const silent = workers.filter(({ answer }) => answer !== 'acknowledged').map(({ worker }) => worker);
  const told = workers.length - silent.length;
  if (told === 0) {
    const message = 'No worker has answered; workers that join within three hours will be told.';
    return { id, outcome: 'unacknowledged', message, workers };
  }
  return silent.length === 0
    ? { id, outcome: 'revoked', message: `It will not run: every worker (${told}) has noted it.`, workers }
    : {
        id,
        outcome: 'accepted',
        message: `${told} of ${workers.length} workers have noted it; it could still run on ${silent.join(', ')}.`,
        workers,
      };
}
