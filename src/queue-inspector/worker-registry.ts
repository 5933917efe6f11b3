import type { Clock } from '../core/clock.js';
import type { Source } from '../core/source.js';
import type { WorkerEvent } from '../core/task-event.js';
import { isUp, type Worker } from '../core/worker.js';

interface Known {
  worker: Worker;
  /** When it last was up, by the monotonic clock. */
  upAt: number;
  /** When it last told something itself, by the wall clock. */
  heardAt: number;
}

interface SourceWorkers {
  readonly byName: Map<string, Known>;
  /** The snapshot that was worked in last. */
  mergedAt: number;
}

/**
 * Remembers workers that have gone, so that a lost one stays visible, and its `celery_worker_up` stays 0, long enough for an alert to fire.
 * After the grace period a worker is forgotten and its series end.
 */
export class WorkerRegistry {
  readonly #clock: Clock;
  readonly #graceMs: number;
  readonly #sources = new Map<string, SourceWorkers>();

  constructor(clock: Clock, graceMs: number) {
    this.#clock = clock;
    this.#graceMs = graceMs;
  }

  hear(source: Source, event: WorkerEvent): void {
    this.#note(this.#of(source.name).byName, event.worker, this.#clock.now());
  }

  /**
   * Joins what a snapshot shows with what is remembered. A worker that the snapshot no longer shows is lost, unless it has said goodbye; one
   * that told something after the snapshot was taken is as it told. A snapshot is worked in once, and an old one after a newer one never.
   */
  merge(
    source: Source,
    snapshot: { readonly at: number; readonly workers: readonly Worker[] } | null,
  ): readonly Worker[] {
    const { byName, mergedAt } = this.#of(source.name);
    if (snapshot !== null && snapshot.at > mergedAt) {
      this.#of(source.name).mergedAt = snapshot.at;
      this.#workIn(byName, snapshot.at, snapshot.workers);
    }
    const now = this.#clock.monotonic();
    for (const [name, known] of byName) {
      if (!isUp(known.worker.status) && now - known.upAt > this.#graceMs) byName.delete(name);
    }
    return [...byName.values()].map((known) => known.worker).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #workIn(byName: Map<string, Known>, at: number, seen: readonly Worker[]): void {
    const names = new Set(seen.map((worker) => worker.name));
    for (const worker of seen) {
      const known = byName.get(worker.name);
      if (known === undefined || known.heardAt <= at)
        this.#note(byName, worker, known?.heardAt ?? Number.NEGATIVE_INFINITY);
    }
    for (const known of byName.values()) {
      if (names.has(known.worker.name) || !isUp(known.worker.status) || known.heardAt > at) continue;
      known.worker = { ...known.worker, status: 'lost', busy: known.worker.busy === null ? null : 0 };
    }
  }

  #note(byName: Map<string, Known>, worker: Worker, heardAt: number): void {
    const now = this.#clock.monotonic();
    const known = byName.get(worker.name);
    byName.set(worker.name, { worker, upAt: isUp(worker.status) ? now : (known?.upAt ?? now), heardAt });
  }

  #of(source: string): SourceWorkers {
    const known = this.#sources.get(source);
    if (known !== undefined) return known;
    const made: SourceWorkers = { byName: new Map(), mergedAt: Number.NEGATIVE_INFINITY };
    this.#sources.set(source, made);
    return made;
  }
}
