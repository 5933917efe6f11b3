import type { Clock } from '../../core/clock.js';
import type { EngineEvent } from '../../core/task-event.js';
import type { RedisLink } from '../redis/redis-link.js';
import { AuditDenied, readCheckpoints } from './bullmq-checkpoint.js';
import type { Cursor } from './bullmq-cursor.js';
import type { BullmqEventMapper } from './bullmq-event-mapper.js';
import { BullmqLedger, NOTHING_YET, type Verdict } from './bullmq-ledger.js';
import type { Checkpoint } from './bullmq-position.js';
import type { BullmqQueue } from './bullmq-queue.js';
import { repair, searchEnds } from './bullmq-repair.js';
import { compareStreamIds, millisecondsOf } from './bullmq-stream-entry.js';
import type { BullmqTaskTracker } from './bullmq-task-tracker.js';

export interface AuditorOptions {
  readonly commands: RedisLink;
  readonly tracker: BullmqTaskTracker;
  readonly mapper: BullmqEventMapper;
  readonly clock: Clock;
  readonly emit: (event: EngineEvent) => void;
  /** The access rules of Redis deny a feature; everything else goes on. */
  readonly denied: (feature: string) => void;
  /** Resolves when agents have told all they have to tell of this queue up to now; at once where it has none. */
  readonly agentsHeard: (queue: BullmqQueue) => Promise<void>;
}

/** Every queue with news is compared with its own counters so often. */
const AUDIT_EVERY_MS = 2_000;
/** A reader that is behind is audited more often: that is when entries are lost. */
const AUDIT_BEHIND_MS = 500;
/** Checkpoints per round trip. */
const AT_ONCE = 100;

/**
 * Finds out what the streams did not tell. At a checkpoint a queue's own counters are read; when every entry up to it has been told, its
 * ledger is judged. A shortfall is searched for first, and settled at the next checkpoint: then all that was found has either been told by an
 * entry or is known to be lost.
 */
export class BullmqAuditor {
  readonly #o: AuditorOptions;
  /** Redis' time when we began: what ended before is not ours to tell. */
  #watchedSince = 0;
  #denied = false;
  /** A time without connection, until every queue has been judged after it. */
  #outage: { readonly from: number; readonly to: number; readonly unsettled: Set<Cursor> } | null = null;
  /** Queues of an earlier run are still to be met: more will be judged after the outage. */
  #awaiting = false;
  /** Such a queue is gone: what became of its jobs since, nobody can tell. */
  #goneUnjudged = false;

  constructor(options: AuditorOptions) {
    this.#o = options;
  }

  watchSince(redisTime: number): void {
    this.#watchedSince = redisTime;
  }

  /** Since when nothing was heard, until all is judged that came after; null where that is done. */
  get awaySince(): number | null {
    return this.#outage?.from ?? null;
  }

  /** Before the first queue is met: queues of an earlier run will be met, which nobody has heard of since `from`. */
  continue(redisTime: number, from: number): void {
    this.#watchedSince = redisTime;
    this.#awaiting = true;
    this.outage(from, []);
  }

  /** A queue of an earlier run has been met, its books open as they were. */
  resumed(cursor: Cursor): void {
    cursor.unaudited = 1;
    this.#outage?.unsettled.add(cursor);
  }

  /** All that are still there have been met. */
  allMet(gone: boolean): void {
    this.#awaiting = false;
    this.#goneUnjudged = gone;
    this.#closeOutage();
  }

  /** Opens the books of queues that are new to us. */
  async open(cursors: readonly Cursor[]): Promise<void> {
    const checkpoints = await this.#checkpoints(cursors.filter((cursor) => !cursor.bornWithUs));
    for (const cursor of cursors) {
      const checkpoint = checkpoints.get(cursor) ?? null;
      cursor.unaudited = 1;
      cursor.ledger = new BullmqLedger(checkpoint === null ? NOTHING_YET : null);
      if (checkpoint === null) continue;
      const { firstId, entries, length } = checkpoint;
      // What was written since we began, and was cut off before we came to read it, nobody can tell any more.
      if (firstId !== null && (entries ?? 0) > length && compareStreamIds(firstId, cursor.position) > 0) {
        this.#unknown(cursor, millisecondsOf(cursor.position), millisecondsOf(firstId));
      }
      cursor.ledger.expect(checkpoint);
      this.reached(cursor, cursor.position, false);
    }
  }

  /** Takes a checkpoint of every queue that has had news. No entry may be told meanwhile, so that none is counted that came after it. */
  async audit(cursors: Iterable<Cursor>, behind: boolean): Promise<void> {
    if (this.#denied) return;
    const now = this.#o.clock.monotonic();
    const every = behind ? AUDIT_BEHIND_MS : AUDIT_EVERY_MS;
    const due = [...cursors].filter(({ ledger, unaudited, auditedAt, findings }) => {
      if (!ledger || ledger.expected || unaudited === 0 || findings === 'searching') return false;
      return now - auditedAt >= every;
    });
    for (let from = 0; from < due.length; from += AT_ONCE) {
      for (const [cursor, checkpoint] of await this.#checkpoints(due.slice(from, from + AT_ONCE))) {
        cursor.auditedAt = now;
        cursor.unaudited = 0;
        if (checkpoint === null) {
          this.#settle(cursor);
          continue;
        }
        cursor.ledger?.expect(checkpoint);
        this.reached(cursor, cursor.position, false);
      }
    }
  }

  /** Everything up to `position` has been told; with `before`, everything up to the entry before it. */
  reached(cursor: Cursor, position: string, before: boolean): void {
    const { ledger, findings } = cursor;
    const expected = ledger?.expected;
    if (!ledger || !expected) return;
    const order = compareStreamIds(position, expected.id);
    if (before ? order <= 0 : order < 0) return;
    this.#conclude(cursor, ledger.judge(findings !== null && findings !== 'searching'));
  }

  /** The streams have gone on meanwhile; whether anything is missing, the next audit of each queue tells. */
  outage(from: number, cursors: Iterable<Cursor>): void {
    const unsettled = new Set([...cursors].filter((cursor) => cursor.ledger !== null));
    for (const cursor of unsettled) {
      cursor.unaudited += 1;
      cursor.auditedAt = Number.NEGATIVE_INFINITY;
    }
    for (const cursor of this.#outage?.unsettled ?? []) unsettled.add(cursor);
    this.#outage = { from: this.#outage?.from ?? from, to: this.#o.clock.now(), unsettled };
    this.#closeOutage();
  }

  forget(cursor: Cursor): void {
    this.#settle(cursor);
  }

  #conclude(cursor: Cursor, verdict: Verdict): void {
    const { queue, findings } = cursor;
    cursor.replaying = false;
    const { tracker, mapper, emit } = this.#o;
    switch (verdict.kind) {
      case 'complete':
      case 'began':
        cursor.findings = null;
        break;
      case 'restarted':
        cursor.findings = null;
        this.#unknown(cursor, millisecondsOf(verdict.from.id), millisecondsOf(verdict.until.id));
        break;
      case 'short':
        if (findings === null || findings === 'searching') {
          cursor.findings = 'searching';
          void this.#search(cursor, millisecondsOf(verdict.shortfall.from.id));
          return;
        }
        cursor.findings = null;
        repair(queue, verdict.shortfall, findings, tracker, mapper, emit);
        break;
      default:
        verdict satisfies never;
    }
    this.#settle(cursor);
  }

  async #search(cursor: Cursor, since: number): Promise<void> {
    const { commands, tracker, agentsHeard } = this.#o;
    try {
      // What an agent tells by itself need not be looked for, and has no doubt about it.
      await agentsHeard(cursor.queue);
      cursor.findings = await searchEnds(commands, tracker, cursor.queue, Math.max(since, this.#watchedSince));
      cursor.auditedAt = Number.NEGATIVE_INFINITY;
    } catch {
      // Redis went away: the next checkpoint finds the same shortfall, and the search begins again.
      cursor.findings = null;
    }
    cursor.unaudited += 1;
  }

  async #checkpoints(cursors: readonly Cursor[]): Promise<ReadonlyMap<Cursor, Checkpoint | null>> {
    if (this.#denied || cursors.length === 0) return new Map();
    try {
      const found = await readCheckpoints(
        this.#o.commands,
        cursors.map(({ queue }) => queue),
      );
      return new Map(cursors.map((cursor, nth) => [cursor, found[nth] ?? null]));
    } catch (error) {
      if (!(error instanceof AuditDenied)) throw error;
      this.#denied = true;
      this.#o.denied('finding out what was cut off event streams (XINFO, MULTI)');
      this.#closeOutage();
      return new Map();
    }
  }

  #settle(cursor: Cursor): void {
    if (this.#outage?.unsettled.delete(cursor)) this.#closeOutage();
  }

  /** Told when all have been judged: what is missing has a gap of its own by then, and nothing else is. */
  #closeOutage(): void {
    const outage = this.#outage;
    if (outage === null || this.#awaiting || (outage.unsettled.size > 0 && !this.#denied)) return;
    this.#outage = null;
    const { from, to } = outage;
    const known = this.#denied || this.#goneUnjudged ? UNKNOWN : ({ missed: 0, exactness: 'exact' } as const);
    this.#goneUnjudged = false;
    this.#o.emit({ kind: 'gap', from, to, queue: null, reason: 'disconnected', ...known });
  }

  #unknown({ queue }: Cursor, from: number, to: number): void {
    this.#o.emit({ kind: 'gap', from, to, queue: queue.label, reason: 'overrun', ...UNKNOWN });
  }
}

const UNKNOWN = { missed: null, exactness: 'unknown' } as const;
