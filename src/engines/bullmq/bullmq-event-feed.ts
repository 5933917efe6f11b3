import type { Clock } from '../../core/clock.js';
import type { EngineEvent } from '../../core/task-event.js';
import type { JobQueue } from '../jobs/job-queue.js';
import type { HeldOutcome } from '../jobs/outcome-holder.js';
import { eventOfStored, storedOutcome } from '../jobs/stored-outcome.js';
import type { RedisLink } from '../redis/redis-link.js';
import { textsOf } from '../redis/redis-reply.js';
import { BullmqAuditor } from './bullmq-auditor.js';
import { type Cursor, newCursor } from './bullmq-cursor.js';
import type { BullmqEventMapper } from './bullmq-event-mapper.js';
import { type JobLook, type LookRequest, lookAtJobs, NO_LOOK } from './bullmq-job-reader.js';
import { BullmqLedger } from './bullmq-ledger.js';
import { BullmqLookPlan, lookKey } from './bullmq-look-plan.js';
import type { StoredQueue, StreamsPosition } from './bullmq-position.js';
import type { BullmqQueue } from './bullmq-queue.js';
import type { StreamEntry } from './bullmq-stream-entry.js';
import { type BullmqStreamReader, type ReadStream, StreamDenied } from './bullmq-stream-reader.js';
import type { BullmqTaskTracker } from './bullmq-task-tracker.js';
import { metRunning } from './bullmq-tracked-job.js';

export interface FeedOptions {
  readonly reader: BullmqStreamReader;
  /** The link on which jobs are looked at. */
  readonly commands: RedisLink;
  readonly tracker: BullmqTaskTracker;
  readonly mapper: BullmqEventMapper;
  readonly clock: Clock;
  readonly emit: (event: EngineEvent) => void;
  /** The events of one reading are complete. */
  readonly flush: () => void;
  /** An outcome that an earlier run had read waits for its agent again. */
  readonly hold: (outcome: Omit<HeldOutcome, 'until'>) => void;
  /** The access rules of Redis deny a feature; everything else goes on. */
  readonly denied: (feature: string) => void;
  /** Tasks of the queue may run at several workers. */
  readonly askWorker: (queue: BullmqQueue) => boolean;
  /** Resolves when agents have told all they have to tell of this queue up to now; at once where it has none. */
  readonly agentsHeard: (queue: BullmqQueue) => Promise<void>;
}

/** Queues begun per round trip. */
const AT_ONCE = 100;
/** Running jobs of a queue met when it is first seen. */
const MAX_PRIMED = 1_000;
/** Jobs on their way that are stored with the position: some 200 kB. */
const MAX_STORED_JOBS = 1_000;
const DENIED_PAUSE_MS = 60_000;
const RETRY_MS = 500;
/** Whoever waits for everything to be read waits no longer. */
const READ_ALL_MS = 5_000;

/**
 * Turns the streams into events: read, look, tell, audit, and over again. One loop, so that whatever is slow holds up the reading and never
 * memory; the streams keep what is not read yet. A queue's position moves only together with the telling of its entries, so that a lost
 * connection neither loses nor doubles.
 */
export class BullmqEventFeed {
  readonly #o: FeedOptions;
  readonly #auditor: BullmqAuditor;
  readonly #cursors = new Map<BullmqQueue, Cursor>();
  /** Redis' time when we began; null before. */
  #watchedSince: number | null = null;
  #epoch = 0;
  #wake: (() => void) | null = null;
  #reading = false;
  /** Resolved by the first reading that was begun after them and has brought everything. */
  #readAll: { readonly since: number; readonly done: () => void }[] = [];
  /** Of an earlier run, by the queue's key, until the queue is met. */
  #earlier = new Map<string, StoredQueue>();

  constructor(options: FeedOptions) {
    this.#o = options;
    this.#auditor = new BullmqAuditor(options);
  }

  /** Queues found first are told from here on; queues that come later from their beginning. Only the first call counts. */
  watchSince(redisTime: number): void {
    if (this.#watchedSince !== null) return;
    this.#watchedSince = redisTime;
    this.#auditor.watchSince(redisTime);
  }

  /** Before the first queue is met: goes on where an earlier run had got to, which last stored it at `storedAt`. */
  continue({ since, away, queues, ended }: StreamsPosition, storedAt: number): void {
    if (since === null) return;
    this.#watchedSince = since;
    this.#earlier = new Map(queues);
    this.#o.tracker.continue(ended);
    this.#auditor.continue(since, away ?? storedAt);
  }

  /** Every queue that is there has been met. */
  allMet(): void {
    this.#auditor.allMet(this.#earlier.size > 0);
    this.#earlier.clear();
  }

  /** Where the telling of each stream has got to, and with what accounts. Synchronous, so that it fits what has been told by now. */
  position(held: Iterable<HeldOutcome>): StreamsPosition {
    const { tracker } = this.#o;
    const waiting = new Map<JobQueue, StoredQueue['held']>();
    for (const outcome of held) {
      const its = waiting.get(outcome.queue) ?? [];
      its.push(storedOutcome(outcome));
      waiting.set(outcome.queue, its);
    }
    const queues = [...this.#earlier];
    let left = MAX_STORED_JOBS;
    for (const { queue, position, ledger } of this.#cursors.values()) {
      if (ledger === null) continue;
      const jobs = tracker.begun(queue, left);
      left -= jobs.length;
      queues.push([queue.key, { entry: position, ledger: ledger.stored(), jobs, held: waiting.get(queue) ?? [] }]);
    }
    return { since: this.#watchedSince, away: this.#auditor.awaySince, queues, ended: tracker.reusable() };
  }

  /** `bornWithUs`: it did not exist when we began to look. */
  add(queue: BullmqQueue, bornWithUs: boolean): void {
    if (this.#cursors.has(queue)) return;
    const earlier = this.#earlier.get(queue.key);
    if (earlier) {
      this.#earlier.delete(queue.key);
      this.#goOn(queue, earlier);
      return;
    }
    const position = bornWithUs ? '0-0' : `${this.#watchedSince ?? 0}-0`;
    this.#cursors.set(queue, newCursor(queue, position, bornWithUs));
    this.#wake?.();
  }

  #goOn(queue: BullmqQueue, { entry, ledger, jobs, held }: StoredQueue): void {
    const { tracker } = this.#o;
    for (const [jobId, job] of jobs) tracker.track(queue, jobId, job);
    for (const its of held) this.#o.hold({ ...its, queue, event: eventOfStored(its) });
    const cursor = newCursor(queue, entry, false);
    cursor.ledger = BullmqLedger.resumed(ledger);
    cursor.replaying = true;
    this.#cursors.set(queue, cursor);
    this.#auditor.resumed(cursor);
    this.#wake?.();
  }

  remove(queue: BullmqQueue): void {
    const cursor = this.#cursors.get(queue);
    if (!cursor) return;
    this.#cursors.delete(queue);
    this.#auditor.forget(cursor);
    this.#o.tracker.dropQueue(queue);
  }

  /**
   * To be called whenever both links are up. Reads until `stop`, or until a link goes down. `awaySince`: the last sign of life before the
   * connection was lost.
   */
  resume(awaySince: number | null): void {
    this.#epoch += 1;
    this.#reading = true;
    if (awaySince !== null) this.#auditor.outage(awaySince, this.#cursors.values());
    void this.#run(this.#epoch);
  }

  stop(): void {
    this.#epoch += 1;
    this.#reading = false;
    this.#wake?.();
    this.#release(Number.POSITIVE_INFINITY);
  }

  /** Resolves when everything written by now has been told, or cannot be read for the moment; after five seconds at the latest. */
  readAll(): Promise<void> {
    if (!this.#reading || this.#cursors.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, READ_ALL_MS);
      const done = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.#readAll.push({ since: performance.now(), done });
    });
  }

  /** An agent has told what no entry did. */
  told(queue: BullmqQueue, what: 'succeeded' | 'failed' | 'retried'): void {
    this.#cursors.get(queue)?.ledger?.told(what);
  }

  async #run(epoch: number): Promise<void> {
    while (epoch === this.#epoch) {
      try {
        await this.#begin();
        const cursors = [...this.#cursors.values()].filter((cursor) => cursor.ledger !== null);
        const streams = await this.#o.reader.read(cursors);
        if (epoch !== this.#epoch) return;
        await this.#digest(streams, epoch);
        if (epoch !== this.#epoch) return;
        this.#release(this.#o.reader.readUntil);
        await this.#auditor.audit(this.#cursors.values(), this.#o.reader.behind);
        this.#o.flush();
        if (cursors.length === 0) await this.#pause(RETRY_MS);
      } catch (error) {
        this.#o.flush();
        if (epoch !== this.#epoch) return;
        this.#release(Number.POSITIVE_INFINITY);
        const isDenied = error instanceof StreamDenied;
        if (isDenied) this.#o.denied('live events (XREAD)');
        // A link tells by itself what is wrong with it, and the run ends with its epoch; anything else passes.
        await this.#pause(isDenied ? DENIED_PAUSE_MS : RETRY_MS);
      }
    }
  }

  /** Opens the books of new queues and meets their running jobs. */
  async #begin(): Promise<void> {
    const fresh = [...this.#cursors.values()].filter((cursor) => cursor.ledger === null);
    for (let from = 0; from < fresh.length; from += AT_ONCE) {
      const chunk = fresh.slice(from, from + AT_ONCE);
      const running = await this.#running(chunk.filter((cursor) => !cursor.bornWithUs));
      await this.#auditor.open(chunk);
      for (const [{ queue, jobId }, { brief }] of running)
        if (brief) this.#o.tracker.meet(queue, jobId, metRunning(brief), true);
    }
  }

  async #running(cursors: readonly Cursor[]): Promise<readonly (readonly [LookRequest, JobLook])[]> {
    const { commands } = this.#o;
    const replies = await commands.batch(cursors.map(({ queue }) => ['LRANGE', queue.at('active'), 0, MAX_PRIMED - 1]));
    const requests = cursors.flatMap(({ queue }, nth) =>
      textsOf(replies[nth]).map((jobId): LookRequest => ({ queue, jobId, failure: false, lock: false })),
    );
    const looks = await lookAtJobs(commands, requests);
    return requests.map((request, nth) => [request, looks[nth] ?? NO_LOOK]);
  }

  async #digest(streams: readonly ReadStream[], epoch: number): Promise<void> {
    const { tracker, commands, askWorker } = this.#o;
    const batches = streams.flatMap(({ queue, entries }) => {
      const cursor = this.#cursors.get(queue);
      return cursor ? [{ cursor, entries }] : [];
    });
    const plan = new BullmqLookPlan(tracker);
    for (const { cursor, entries } of batches) plan.add(cursor.queue, entries, askWorker(cursor.queue));
    const keys = [...plan.requests.keys()];
    const answers = await lookAtJobs(commands, [...plan.requests.values()]);
    if (epoch !== this.#epoch) return;
    const looks = new Map<string, JobLook>();
    keys.forEach((key, nth) => {
      const look = answers[nth] ?? NO_LOOK;
      const startsTold = plan.starts.get(key);
      looks.set(key, startsTold === undefined ? look : { ...look, startsTold });
    });
    for (const { cursor, entries } of batches) {
      // The queue may have gone while its jobs were looked at.
      if (this.#cursors.get(cursor.queue) === cursor) this.#tell(cursor, entries, looks);
    }
    this.#o.flush();
  }

  /** Synchronous: position, ledger and events move together. */
  #tell(cursor: Cursor, entries: readonly StreamEntry[], looks: ReadonlyMap<string, JobLook>): void {
    const { queue } = cursor;
    entries.forEach((entry, nth) => {
      this.#auditor.reached(cursor, entry.id, true);
      cursor.ledger?.count(entry);
      const look = looks.get(lookKey(queue, entry.jobId)) ?? NO_LOOK;
      if (cursor.replaying && entry.kind === 'active') this.#o.tracker.metAtStart(queue, entry.jobId, look.brief);
      this.#o.mapper.take(queue, entry, look, entries[nth + 1]);
      cursor.position = entry.id;
    });
    cursor.unaudited += entries.length;
    this.#auditor.reached(cursor, cursor.position, false);
  }

  #release(until: number): void {
    const due = this.#readAll.filter(({ since }) => since <= until);
    this.#readAll = this.#readAll.filter(({ since }) => since > until);
    for (const { done } of due) done();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wake = null;
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#wake = done;
    });
  }
}
