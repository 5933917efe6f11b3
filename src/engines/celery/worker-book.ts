import type { WorkerStatus } from '../../core/worker.js';
import { CeleryWorker, type EndedLife, Incarnation } from './celery-worker.js';
import { noReplies } from './control-replies.js';

/** A worker's heartbeat is late after this many of its periods, and the worker lost after the second number. */
const SUSPECT_AFTER = 1.5;
const LOST_AFTER = 3;
/** Heartbeats and our timers are not exact; without this an idle worker on a busy machine would be suspect now and then. */
const SLACK_MS = 250;
/** A worker without heartbeats is known by its answers alone. */
const WITHOUT_HEARTBEAT_SECONDS = 10;
/** Rounds without an answer after which a worker whose heartbeats arrive is silent. */
const SILENT_AFTER_ROUNDS = 3;
/** Work waits and nothing happens for this long: stalled. */
export const STALLED_AFTER_MS = 30_000;
/** Names of workers that have gone are kept this long, so that a returning one is recognised and its loss can be told. */
const FORGET_AFTER_MS = 15 * 60_000;
const MAX_WORKERS = 20_000;
/** Answers given before a goodbye may be read after it. */
const LATE_ANSWERS_MS = 5_000;

/**
 * The workers of one broker, by name. A worker is online while its heartbeats come; suspect when one is late; lost after three, unless it
 * runs tasks in the process that would send them, for then it is silent; stalled when heartbeats come, work waits for it and it neither
 * runs nor begins anything; offline once it has said goodbye. All by our own clock: the workers' clocks may be wrong.
 */
export class WorkerBook {
  readonly #workers = new Map<string, CeleryWorker>();
  #ended: EndedLife[] = [];
  readonly #stalledAfterMs: number;

  constructor(stalledAfterMs = STALLED_AFTER_MS) {
    this.#stalledAfterMs = stalledAfterMs;
  }

  get(name: string): CeleryWorker | undefined {
    return this.#workers.get(name);
  }

  all(): IterableIterator<CeleryWorker> {
    return this.#workers.values();
  }

  /** Notes that a worker is alive. `eventAt` orders the events of two lives: an old one's may arrive after the new one's first. */
  heard(name: string, pid: number, eventAt: number, now: number, epoch: number): CeleryWorker {
    let worker = this.#workers.get(name);
    if (worker === undefined) {
      worker = new CeleryWorker(name, new Incarnation(pid, epoch), now, epoch);
      this.#workers.set(name, worker);
      if (this.#workers.size > MAX_WORKERS) this.#forgetOldest(now);
    } else if (worker.incarnation.pid !== pid && pid !== UNKNOWN_PID) {
      if (worker.incarnation.pid === UNKNOWN_PID || eventAt >= worker.incarnation.latestEventAt)
        this.#reborn(worker, pid, now, epoch);
    }
    if (pid === UNKNOWN_PID && now - worker.goodbyeAt > LATE_ANSWERS_MS) worker.saidGoodbye = false;
    worker.seenAt = now;
    worker.seenAtEpoch = epoch;
    worker.excusedUntil = 0;
    worker.provedGone = false;
    if (eventAt > worker.incarnation.latestEventAt) worker.incarnation.latestEventAt = eventAt;
    return worker;
  }

  /** Nothing at all has come from it for three heartbeats, or for as long as it may take to come back after an outage. */
  isQuiet(worker: CeleryWorker, now: number): boolean {
    return now > worker.excusedUntil && now - worker.seenAt > LOST_AFTER * periodOf(worker) + SLACK_MS;
  }

  /** It has lately left every question unanswered. Whether it is alive is told by its heartbeats. */
  isDeaf(worker: CeleryWorker): boolean {
    return worker.unanswered >= SILENT_AFTER_ROUNDS;
  }

  status(worker: CeleryWorker, now: number): WorkerStatus {
    if (worker.saidGoodbye) return 'offline';
    if (this.isQuiet(worker, now)) return this.#mayBeBusy(worker) ? 'silent' : 'lost';
    const late = now - worker.seenAt > SUSPECT_AFTER * periodOf(worker) + SLACK_MS;
    // Before silence: a Celery that has lost its polling by a restart of Redis neither works nor answers, and its heart beats on.
    if (!late && worker.idleSince !== null && now - worker.idleSince > this.#stalledAfterMs) return 'stalled';
    if (this.isDeaf(worker)) return 'silent';
    return late ? 'suspect' : 'online';
  }

  /** Drops workers that have been gone for long. */
  tidy(now: number): void {
    for (const worker of this.#workers.values()) {
      if (now - worker.seenAt > FORGET_AFTER_MS) this.#forget(worker, now);
    }
  }

  /** Lives that were over before `until` and have not come back since; each is given once. */
  takeEnded(until: number): readonly EndedLife[] {
    if (this.#ended.length === 0) return this.#ended;
    const taken = this.#ended.filter(({ endedAt }) => endedAt < until);
    if (taken.length > 0) this.#ended = this.#ended.filter(({ endedAt }) => endedAt >= until);
    return taken;
  }

  #mayBeBusy(worker: CeleryWorker): boolean {
    return worker.replies.stats?.value.solo === true && !worker.provedGone;
  }

  #reborn(worker: CeleryWorker, pid: number, now: number, epoch: number): void {
    this.#end(worker, now);
    // Where two processes share a name, each speaks in turn, and none has ended.
    const before = this.#ended.find(({ name, incarnation }) => name === worker.name && incarnation.pid === pid);
    this.#ended = this.#ended.filter((life) => life !== before);
    worker.incarnation = before?.incarnation ?? new Incarnation(pid, epoch);
    worker.saidGoodbye = false;
    worker.queuesBefore = worker.replies.queues?.value.map(({ name }) => name) ?? worker.queuesBefore;
    worker.replies = noReplies();
    // What a person has switched off stays off.
    if (worker.events !== 'switched-off') worker.events = null;
    worker.reports = [];
    worker.earlierUsage = null;
    worker.unanswered = 0;
    worker.idleSince = null;
    worker.provedGone = false;
  }

  #forget(worker: CeleryWorker, now: number): void {
    this.#end(worker, now);
    this.#workers.delete(worker.name);
  }

  #end(worker: CeleryWorker, now: number): void {
    this.#ended.push(worker.ended(now));
    if (this.#ended.length > MAX_WORKERS) this.#ended.shift();
  }

  #forgetOldest(now: number): void {
    for (const worker of this.#workers.values()) {
      this.#forget(worker, now);
      return;
    }
  }
}

function periodOf(worker: CeleryWorker): number {
  return (worker.heartbeatSeconds ?? WITHOUT_HEARTBEAT_SECONDS) * 1000;
}

/** A worker known by an answer that names no process. */
export const UNKNOWN_PID = 0;
