import type { Source } from '../../core/source.js';
import type { EngineEvent } from '../../core/task-event.js';
import { taskEvent } from '../../core/task-event.js';
import { isUp, type WorkerStatus } from '../../core/worker.js';
import type { CeleryWorker, EndedLife, Incarnation } from './celery-worker.js';
import { tell } from './event-fields.js';
import { workerFrom } from './snapshot.js';
import type { TaskNotes } from './task-notes.js';
import type { QueueDepth } from './transport/celery-transport.js';
import { lostTask } from './untold-attempts.js';
import type { WorkerBook } from './worker-book.js';

/** Celery waits two seconds longer after each attempt to connect, up to thirty. */
const CONNECTS_WITHIN_MS = 32_000;
/** Events of a life that is over may be this long on their way. */
const LATE_MS = 4_000;

export interface WorkerWatchParts {
  readonly source: Source;
  readonly workers: WorkerBook;
  readonly notes: TaskNotes;
  /** Of these silent workers, those that certainly listen no more: the broker knows. */
  readonly provedGone: (
    silent: readonly string[],
    alive: readonly string[],
    signal: AbortSignal,
  ) => Promise<readonly string[]>;
  /** The broker may be asked. */
  readonly control: boolean;
}

/** Notices what workers do not say themselves: that one is late, lost, stalled or silent; and what becomes of the tasks of a lost one. */
export class WorkerWatch {
  readonly #parts: WorkerWatchParts;
  /** As last told. */
  readonly #told = new Map<CeleryWorker, WorkerStatus>();
  readonly #mourned = new WeakSet<Incarnation>();

  constructor(parts: WorkerWatchParts) {
    this.#parts = parts;
  }

  statuses(now: number): readonly { readonly worker: CeleryWorker; readonly status: WorkerStatus }[] {
    const { workers } = this.#parts;
    return [...workers.all()].map((worker) => ({ worker, status: workers.status(worker, now) }));
  }

  /** Its own word has been passed on, with this status. */
  told(worker: CeleryWorker, status: WorkerStatus): void {
    this.#told.set(worker, status);
  }

  /** Tells every change of status. To be called several times per heartbeat. */
  look(now: number, epoch: number, out: EngineEvent[]): void {
    const { workers, source } = this.#parts;
    for (const worker of workers.all()) {
      const status = workers.status(worker, now);
      const before = this.#told.get(worker);
      if (status === before) continue;
      this.#told.set(worker, status);
      const kind = isUp(status) ? 'worker-heartbeat' : 'worker-offline';
      out.push({ kind, at: epoch, worker: workerFrom(worker, status, source) });
      if (status === 'lost') this.#mourn([worker.ended(now)], epoch, out);
    }
    workers.tidy(now);
    this.#mourn(workers.takeEnded(now - LATE_MS), epoch, out);
    for (const worker of this.#told.keys()) if (workers.get(worker.name) !== worker) this.#told.delete(worker);
  }

  /** After an outage everybody gets the time that Celery may take to connect again. */
  forgive(now: number, epoch: number): void {
    for (const worker of this.#parts.workers.all()) {
      if (worker.hasLeft(now)) continue;
      worker.seenAt = now;
      worker.excusedUntil = now + CONNECTS_WITHIN_MS;
      worker.incarnation.reconnectedAt = epoch;
    }
  }

  /** A worker whose queues hold work, and that neither runs nor begins anything, has stalled since the first such look that it was heard before. */
  backlog(depths: readonly QueueDepth[], now: number): void {
    const waiting = new Set(depths.filter(({ length }) => length > 0).map(({ name }) => name));
    for (const worker of this.#parts.workers.all()) {
      const { incarnation, replies } = worker;
      // One that has become deaf may say for ever that it runs what it ran when its connection broke.
      const runs = incarnation.active !== 0 && !this.#parts.workers.isDeaf(worker);
      const idle = !runs && incarnation.processed === worker.processedAtLook && now >= worker.excusedUntil;
      worker.processedAtLook = incarnation.processed;
      const queues = replies.queues?.value.map(({ name }) => name) ?? worker.queuesBefore;
      const hasWork = queues.some((name) => waiting.has(name));
      if (!idle || !hasWork) worker.idleSince = null;
      else worker.idleSince ??= now;
    }
  }

  /** Whether a silent worker is busy or dead only the broker can tell. */
  async askBroker(now: number, signal: AbortSignal): Promise<void> {
    if (!this.#parts.control) return;
    const all = this.statuses(now);
    // One whose heartbeats arrive is alive, however deaf.
    const quiet = all.filter(
      ({ worker, status }) => status === 'silent' && this.#parts.workers.isQuiet(worker, now) && !worker.provedGone,
    );
    if (quiet.length === 0) return;
    const names = quiet.map(({ worker }) => worker.name);
    const alive = all
      .filter(({ worker, status }) => isUp(status) && !this.#parts.workers.isQuiet(worker, now))
      .map(({ worker }) => worker.name);
    const gone = await this.#parts.provedGone(names, alive, signal);
    for (const name of gone) {
      const worker = this.#parts.workers.get(name);
      if (worker !== undefined) worker.provedGone = true;
    }
  }

  /**
   * What a lost worker had fetched and not acknowledged the broker gives to another; what it had acknowledged and was running is gone, and
   * how far it got nobody knows.
   */
  #mourn(lives: readonly EndedLife[], epoch: number, out: EngineEvent[]): void {
    const mourned = new Map<
      Incarnation,
      { readonly life: EndedLife; readonly kept: ReadonlySet<string>; lost: number }
    >();
    for (const life of lives) {
      if (this.#mourned.has(life.incarnation)) continue;
      this.#mourned.add(life.incarnation);
      const kept = new Set(life.active.filter((task) => task.acknowledged === false).map((task) => task.id));
      mourned.set(life.incarnation, { life, kept, lost: 0 });
    }
    if (mourned.size === 0) return;
    for (const [id, note] of this.#parts.notes.openTasks()) {
      const death = note.incarnation === null ? undefined : mourned.get(note.incarnation);
      if (death === undefined) continue;
      if (note.started && !death.kept.has(id)) {
        death.lost += 1;
        tell(note, lostTask(id, note, epoch), out);
        note.started = false;
      } else {
        out.push(taskEvent('task-requeued', id, epoch, { occurrence: epoch, name: note.name, queue: note.queue }));
      }
      note.incarnation = null;
    }
    for (const { life, lost } of mourned.values()) {
      if (lost === 0) continue;
      const from = life.seenAtEpoch;
      out.push({
        kind: 'gap',
        from,
        to: epoch,
        queue: null,
        reason: 'worker-lost',
        missed: lost,
        exactness: 'at_most',
      });
    }
  }
}
