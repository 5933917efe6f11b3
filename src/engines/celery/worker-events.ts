import type { CeleryWorker } from './celery-worker.js';
import { type Fields, numberIn, textIn } from './json-fields.js';
import { resourceReport } from './resource-report.js';
import { UNKNOWN_PID, type WorkerBook } from './worker-book.js';

export type WorkerWord = 'worker-online' | 'worker-heartbeat' | 'worker-offline';

export interface WorkerListener {
  /** A worker has told about itself. Called after the book knows. */
  workerTold(kind: WorkerWord, worker: CeleryWorker): void;
}

/** Enters in the book what workers tell about themselves. On the event path. */
export class WorkerEvents {
  readonly #workers: WorkerBook;
  readonly #listener: WorkerListener;
  #now = 0;
  #epoch = 0;

  constructor(workers: WorkerBook, listener: WorkerListener) {
    this.#workers = workers;
    this.#listener = listener;
  }

  /** The moment of everything until the next call. */
  at(now: number, epoch: number): void {
    this.#now = now;
    this.#epoch = epoch;
  }

  /** Any event of it shows that it lives. */
  heard(hostname: string, event: Fields, at: number): CeleryWorker {
    const { pid } = event;
    return this.#workers.heard(hostname, typeof pid === 'number' ? pid : UNKNOWN_PID, at, this.#now, this.#epoch);
  }

  /** Its own word: its counts are held against the starts we have heard of. */
  told(kind: WorkerWord, at: number, hostname: string, event: Fields): void {
    // One of two that share a name, or an old life that ends after the new one has begun: whoever is there has not gone.
    if (kind === 'worker-offline' && this.#isOther(hostname, event.pid)) return;
    const worker = this.heard(hostname, event, at);
    worker.version = textIn(event.sw_ver) ?? worker.version;
    const processed = numberIn(event.processed);
    // A heartbeat that we asked for carries neither counts nor the true period.
    if (processed !== null) {
      worker.heartbeatSeconds = numberIn(event.freq) ?? worker.heartbeatSeconds;
      worker.incarnation.processed = processed;
      worker.incarnation.active = numberIn(event.active);
      worker.incarnation.toldAt = this.#now;
      worker.incarnation.ledger.told(processed, numberIn(event.clock), this.#epoch, at);
    }
    const wasGone = worker.saidGoodbye;
    worker.greeted(kind === 'worker-offline' ? 'goodbye' : 'here', at, this.#now);
    // A process that says hello again, or anything after a goodbye, has lost its broker in between.
    const isBack = (wasGone && !worker.saidGoodbye) || (kind === 'worker-online' && worker.incarnation.saidHello);
    if (isBack) worker.incarnation.reconnectedAt = this.#epoch;
    if (kind === 'worker-online') {
      worker.incarnation.saidHello = true;
      // Its connection is new, and with it the switch of its events is as its command line says.
      if (worker.events !== 'switched-off') worker.events = null;
    }
    this.#listener.workerTold(kind, worker);
  }

  /** By the bootstep. */
  measured(at: number, hostname: string, event: Fields): void {
    const worker = this.heard(hostname, event, at);
    const report = resourceReport(event, at);
    if (report !== null) worker.reports = [...worker.reports.slice(-1), report];
  }

  #isOther(hostname: string, pid: unknown): boolean {
    const known = this.#workers.get(hostname)?.incarnation.pid ?? UNKNOWN_PID;
    return known !== UNKNOWN_PID && typeof pid === 'number' && pid !== known;
  }
}
