import type { Clock } from '../core/clock.js';
import type { WorkerLife } from '../core/history-store.js';
import { isUp, type Worker } from '../core/worker.js';
import type { QueueInspector } from '../queue-inspector/queue-inspector.js';

type Inspected = Pick<QueueInspector, 'views' | 'workersOf'>;

const LOOK_MS = 10_000;
/** That a worker still lives is stored this often. */
const SEEN_EVERY_MS = 60_000;
/** Start times are worked out from clocks and durations, which are not exact. */
const SAME_START_MS = 30_000;
/** A worker of the earlier run that has not been found again by then has ended meanwhile. */
const RETURN_WITHIN_MS = 60_000;
const MAX_LIVES = 20_000;

/**
 * Which process had which name, from when to when. Looked at every ten seconds, so a process that lived for less may go unnoticed. A worker that
 * was lost and is heard of again lives on; one with another pid, or another start, is another life.
 */
export class WorkerLives {
  readonly #inspector: Inspected;
  readonly #clock: Clock;
  readonly #latest = new Map<string, WorkerLife>();
  readonly #begun: number;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(inspector: Inspected, clock: Clock) {
    this.#inspector = inspector;
    this.#clock = clock;
    this.#begun = clock.monotonic();
  }

  /** Goes on with the lives that an earlier run knew. */
  continue(lives: readonly WorkerLife[]): void {
    for (const life of lives) this.#latest.set(keyOf(life), life);
  }

  /** What has changed since the last look that told; nothing where the last look is not old enough. */
  take(): readonly WorkerLife[] {
    const now = this.#clock.monotonic();
    if (now - this.#lookedAt < LOOK_MS) return [];
    this.#lookedAt = now;
    const changed: WorkerLife[] = [];
    for (const view of this.#inspector.views()) {
      if (view.snapshot === null) continue;
      const listed = new Set<string>();
      for (const worker of this.#inspector.workersOf(view)) {
        const key = keyOf(worker);
        listed.add(key);
        changed.push(...this.#look(key, worker));
      }
      changed.push(...this.#gone(view.source.name, listed));
    }
    return changed;
  }

  *#look(key: string, worker: Worker): Generator<WorkerLife> {
    const known = this.#latest.get(key);
    const up = isUp(worker.status);
    if (known === undefined || !isSame(known, worker)) {
      if (known !== undefined && known.endedAt === null)
        yield { ...known, endedAt: Math.max(known.seenAt, worker.startedAt ?? 0), ended: 'replaced' };
      if (up && (known !== undefined || this.#latest.size < MAX_LIVES))
        yield this.#keep(key, lifeOf(worker, this.#clock.now()));
      return;
    }
    if (!up) {
      if (known.endedAt !== null) return;
      const ended = worker.status === 'offline' ? 'offline' : 'lost';
      yield this.#keep(key, { ...known, seenAt: worker.lastSeenAt, endedAt: worker.lastSeenAt, ended });
      return;
    }
    // One that said goodbye begins anew, even in the same process.
    if (known.ended === 'offline') {
      yield this.#keep(key, lifeOf(worker, this.#clock.now()));
      return;
    }
    const now = { ...lifeOf(worker, known.since), startedAt: worker.startedAt ?? known.startedAt };
    const news = known.ended !== null || known.pid !== now.pid || known.software !== now.software;
    if (news || now.seenAt - known.seenAt >= SEEN_EVERY_MS) yield this.#keep(key, now);
  }

  /** Workers of which nothing is known any more. */
  *#gone(source: string, listed: ReadonlySet<string>): Generator<WorkerLife> {
    for (const [key, life] of this.#latest) {
      if (life.source !== source || listed.has(key)) continue;
      if (life.endedAt === null && this.#clock.monotonic() - this.#begun < RETURN_WITHIN_MS) continue;
      this.#latest.delete(key);
      if (life.endedAt === null) yield { ...life, endedAt: life.seenAt, ended: 'lost' };
    }
  }

  #keep(key: string, life: WorkerLife): WorkerLife {
    this.#latest.set(key, life);
    return life;
  }
}

function keyOf({ source, name }: { readonly source: string; readonly name: string }): string {
  return `${source}\u0000${name}`;
}

function isSame(life: WorkerLife, { pid, startedAt }: Worker): boolean {
  if (life.pid !== null && pid !== null && life.pid !== pid) return false;
  return life.startedAt === null || startedAt === null || Math.abs(life.startedAt - startedAt) <= SAME_START_MS;
}

function lifeOf({ source, name, pid, host, software, startedAt, lastSeenAt }: Worker, since: number): WorkerLife {
  return { source, name, since, pid, host, software, startedAt, seenAt: lastSeenAt, endedAt: null, ended: null };
}
