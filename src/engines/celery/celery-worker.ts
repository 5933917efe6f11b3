import type { Answer, ControlReplies, ListedTask, ProcessUsage } from './control-replies.js';
import { noReplies } from './control-replies.js';
import type { ResourceReport } from './resource-report.js';
import { StartLedger } from './start-ledger.js';

/**
 * Celery says goodbye when it loses its broker, too: we hear that when it connects again, and hello a second later where it asks its
 * neighbours first. Only a goodbye that holds for so long is one.
 */
const GOODBYE_HOLDS_MS = 10_000;

/** One life of a worker process: names come back after a restart, processes do not. */
export class Incarnation {
  readonly pid: number;
  /** First heard of, by our clock. */
  readonly since: number;
  /** Tasks begun in its whole life, by its own word; null until a heartbeat has told. */
  processed: number | null = null;
  /** Of those, running at its last heartbeat. */
  active: number | null = null;
  /** When that came, monotonic. */
  toldAt = Number.NEGATIVE_INFINITY;
  /** What its own count is held against. */
  readonly ledger = new StartLedger();
  /** Epoch milliseconds by our clock; null until its uptime is known. */
  startedAt: number | null = null;
  saidHello = false;
  /** When it last came back from an outage of the broker, epoch milliseconds by our clock; 0 where it never did. */
  reconnectedAt = 0;
  /** Timestamp of its latest event, epoch milliseconds by its own clock. */
  latestEventAt = 0;

  constructor(pid: number, since: number) {
    this.pid = pid;
    this.since = since;
  }
}

/** A life that is over and has not told what became of its tasks. */
export interface EndedLife {
  readonly name: string;
  readonly incarnation: Incarnation;
  /** What it ran, as it last answered. */
  readonly active: readonly ListedTask[];
  /** When it was heard last, epoch milliseconds. */
  readonly seenAtEpoch: number;
  /** When that became known, monotonic. */
  readonly endedAt: number;
}

/** Everything known of the worker of one name. Changed in place on the event path. */
export class CeleryWorker {
  readonly name: string;
  readonly host: string | null;
  incarnation: Incarnation;
  /** Seconds between heartbeats as the worker says; null where it has sent none. */
  heartbeatSeconds: number | null = null;
  /** Monotonic milliseconds. */
  seenAt: number;
  /** The same moment, epoch milliseconds. */
  seenAtEpoch: number;
  saidGoodbye = false;
  /** When it did so last, monotonic. */
  goodbyeAt = Number.NEGATIVE_INFINITY;
  /** The newest that it has told about itself, by its own clock, epoch milliseconds. */
  #greetedAt = Number.NEGATIVE_INFINITY;
  /** Until then its silence proves nothing: it may still wait before it connects again. Monotonic milliseconds; 0 while it is heard. */
  excusedUntil = 0;
  /** The broker itself has told that nobody of this name listens any more. */
  provedGone = false;
  version: string | null = null;
  /** Since when it has neither begun nor run anything although work waits for it, monotonic; null while that is not so. */
  idleSince: number | null = null;
  /** `processed` when its queues were last looked at. */
  processedAtLook: number | null = null;
  /** Rounds of questions it has left unanswered since its last answer. */
  unanswered = 0;
  /** How it stands with its task events: null where it has not been asked yet; `off` where it has none to switch on. */
  events: 'on' | 'enabled-by-us' | 'off' | 'switched-off' | null = null;
  replies: ControlReplies = noReplies();
  /** Queues that the life before took from: until it answers itself, the best that is known of what waits for it. */
  queuesBefore: readonly string[] = [];
  /** The resource usage before the one in `replies`: two make a rate. */
  earlierUsage: Answer<ProcessUsage> | null = null;
  /** The last two reports of the bootstep, where the worker has it. */
  reports: readonly ResourceReport[] = [];
  /** The one queue it takes from, so that its tasks can only have come from there; null while unknown or several. */
  onlyQueue: string | null = null;

  constructor(name: string, incarnation: Incarnation, now: number, epoch: number) {
    this.name = name;
    const at = name.indexOf('@');
    this.host = at === -1 ? null : name.slice(at + 1);
    this.incarnation = incarnation;
    this.seenAt = now;
    this.seenAtEpoch = epoch;
  }

  /**
   * It has told about itself, at `at` by its own clock: that it is there, or that it goes. Celery may send what it has kept during an outage
   * after something newer, and then it tells nothing. Tasks go on telling after a goodbye: they end before their worker does.
   */
  greeted(kind: 'here' | 'goodbye', at: number, now: number): void {
    if (at < this.#greetedAt) return;
    this.#greetedAt = at;
    this.saidGoodbye = kind === 'goodbye';
    if (this.saidGoodbye) this.goodbyeAt = now;
  }

  hasLeft(now: number): boolean {
    return this.saidGoodbye && now - this.goodbyeAt > GOODBYE_HOLDS_MS;
  }

  ended(now: number): EndedLife {
    const { name, incarnation, replies, seenAtEpoch } = this;
    return { name, incarnation, active: replies.active?.value ?? [], seenAtEpoch, endedAt: now };
  }
}
