import type { EngineEvent, GapEvent } from '../../core/task-event.js';
import type { CeleryWorker, Incarnation } from './celery-worker.js';
import type { WorkerBook } from './worker-book.js';

interface Outage {
  readonly from: number;
  readonly to: number;
  /** Who was there before, and how far its heartbeats had been judged when we were back. */
  readonly before: ReadonlyMap<
    CeleryWorker,
    { readonly incarnation: Incarnation; readonly judged: number; readonly restarts: number }
  >;
  readonly giveUpAt: number;
  /** down: it was we who were away. */
  readonly reason: 'disconnected' | 'down';
  missed: number;
}

/** Judged heartbeats after an outage until every start that is not coming any more is known to be lost; where none is missing, until that is sure. */
const BEATS_TO_SETTLE = 5;
/**
 * The first count after an outage is the measure of the one before it, and may itself be from before: the goodbye to the broker that was lost.
 * Only the third tells for certain what the outage cost.
 */
const SOUND_BEATS_TO_SETTLE = 3;
/** Celery may wait half a minute before it connects again, more than once where the broker is slow, and then its heartbeats are judged. */
const GIVE_UP_MS = 120_000;
/** Heard of so lately before an outage, a worker is taken to have lived when it began. */
const RECENT_MS = 10_000;

/**
 * Says what we have missed. Workers count what they begin, so a start that never reached us is noticed by every heartbeat after it; how it
 * ended nobody can tell afterwards. After an outage of ours the size is told once all workers have been heard: exact where every process
 * outlived it, unknown where one did not.
 */
export class TruthKeeper {
  readonly #workers: WorkerBook;
  #outage: Outage | null = null;

  constructor(workers: WorkerBook) {
    this.#workers = workers;
  }

  /** Of an outage whose size is not known yet. */
  get unsettled(): Pick<Outage, 'from' | 'missed'> | null {
    return this.#outage;
  }

  /** We hear again, and may have heard nothing since `from`; `missed` of it are known already. */
  listeningAgain(
    { from, reason, missed }: Pick<Outage, 'from' | 'reason' | 'missed'>,
    now: number,
    epoch: number,
  ): void {
    const before = new Map(
      [...this.#workers.all()]
        .filter((worker) => !worker.hasLeft(now) && worker.seenAtEpoch > from - RECENT_MS)
        .map((worker) => {
          const { incarnation } = worker;
          const { judged, restarts } = incarnation.ledger;
          return [worker, { incarnation, judged, restarts }];
        }),
    );
    this.#outage = {
      from: this.#outage === null ? from : Math.min(from, this.#outage.from),
      to: epoch,
      before,
      giveUpAt: now + GIVE_UP_MS,
      reason: this.#outage?.reason ?? reason,
      missed: (this.#outage?.missed ?? 0) + missed,
    };
  }

  /** Looks at every worker's ledger; to be called about every heartbeat. */
  look(now: number, epoch: number, out: EngineEvent[]): void {
    for (const { incarnation, replies, events } of this.#workers.all()) {
      const { deaf, soundAt } = incarnation.ledger;
      // The threads pool hands events to its sender without waking it for certain: the last ones before a pause may come after it.
      const lost = incarnation.ledger.takeLoss(replies.stats?.value.threads ?? false);
      if (lost === 0) continue;
      if (this.#outage !== null) this.#outage.missed += lost;
      else out.push(gap(soundAt, epoch, deaf || events === 'switched-off' ? 'events-off' : 'unattributed', lost));
    }
    if (this.#outage !== null) this.#settle(this.#outage, now, out);
  }

  #settle(outage: Outage, now: number, out: EngineEvent[]): void {
    let gone = 0;
    let waiting = 0;
    for (const [worker, { incarnation, judged, restarts }] of outage.before) {
      if (worker.incarnation !== incarnation || worker.hasLeft(now) || incarnation.ledger.restarts !== restarts)
        gone += 1;
      else if (
        incarnation.ledger.judged <
        judged + (incarnation.ledger.sound ? SOUND_BEATS_TO_SETTLE : BEATS_TO_SETTLE)
      )
        waiting += 1;
    }
    if (waiting > 0 && now < outage.giveUpAt) return;
    const known = gone === 0 && waiting === 0 && outage.before.size > 0 && !this.#hasStrangers(outage);
    out.push(gap(outage.from, outage.to, outage.reason, known ? outage.missed : null));
    this.#outage = null;
  }

  /** While we were down a worker may have come that has begun tasks of which nobody knows. */
  #hasStrangers({ reason, before }: Outage): boolean {
    if (reason !== 'down') return false;
    return [...this.#workers.all()].some((worker) => !before.has(worker) && worker.incarnation.ledger.unheard > 0);
  }
}

function gap(from: number, to: number, reason: string, missed: number | null): GapEvent {
  return { kind: 'gap', from, to, queue: null, reason, missed, exactness: missed === null ? 'unknown' : 'exact' };
}
