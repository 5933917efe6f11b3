import type { Clock } from '../../core/clock.js';
import type { EngineEvent } from '../../core/task-event.js';
import { failureOf } from '../redis/redis-failure.js';
import type { RedisCommand, RedisLink } from '../redis/redis-link.js';
import { countOf, numberOf, scoredOf } from '../redis/redis-reply.js';
import type { BullLedger, LedgerEntry, LedgerSample, LedgerStanding, Outage } from './bull-ledger.js';
import type { BullQueue } from './bull-queue.js';
import type { BullRepair } from './bull-repair.js';

export interface AuditorOptions {
  readonly link: RedisLink;
  readonly ledger: BullLedger;
  readonly repair: BullRepair;
  readonly clock: Clock;
  /** Resolves when every message published by now has been heard and handled. */
  readonly heardAll: () => Promise<void>;
  readonly emit: (event: EngineEvent) => void;
  readonly flush: () => void;
  readonly denied: (feature: string) => void;
}

const EVERY_MS = 2_000;
const SOON_MS = 50;
const MAX_ROUNDS_AWAITED = 5;
/** Queues looked at per round, the busiest first: 200 × 11 commands each two seconds is what we allow ourselves. */
const MAX_PER_ROUND = 200;
/** Of these, so many that seem to be in order. */
const IDLE_PER_ROUND = 20;

/**
 * Keeps the books honest. Every two seconds the queues in which something happened are compared with Redis. Ends that were not heard are
 * looked for among the finished jobs Redis still keeps and told as events; what two rounds in a row do not find is told as numbers where
 * Bull's own metrics explain it, and as a gap where nothing does.
 */
export class BullAuditor {
  readonly #o: AuditorOptions;
  readonly #idle: BullQueue[] = [];
  #timer: NodeJS.Timeout | null = null;
  #round: Promise<void> | null = null;
  #stopped = false;
  #hurried = false;
  /** Rounds in which queues of an earlier run had not been met yet. */
  #waited = 0;
  /** A disconnection no queue has lost anything to, as far as known; told once all of them have been checked. */
  #outage: Outage | null = null;

  constructor(options: AuditorOptions) {
    this.#o = options;
  }

  start(): void {
    this.#stopped = false;
    this.#schedule(EVERY_MS);
  }

  #schedule(afterMs: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#hurried = false;
      this.#round = this.#look()
        // Redis went away in between: the link tells, and the next round asks again.
        .catch(() => undefined)
        .finally(() => {
          this.#round = null;
          if (!this.#stopped) this.#schedule(EVERY_MS);
        });
    }, afterMs);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#round;
  }

  outage(outage: Outage): void {
    this.#o.ledger.outage(outage);
    this.#outage = { from: this.#outage?.from ?? outage.from, to: outage.to };
  }

  /**
   * Takes a queue into the books. Where all it had been given before we watched was over, they begin there; else with the next round. What
   * ends until then is told like everything else, only what is missed cannot be known.
   */
  open(queue: BullQueue, addedBefore: number | null): void {
    const entry = this.#o.ledger.entry(queue);
    if (entry.opened) return;
    if (addedBefore !== null) entry.openAt(addedBefore);
    else this.#soon();
  }

  /** Many queues are found at once: one round for all of them, not long after. */
  #soon(): void {
    if (this.#hurried || this.#round || !this.#timer) return;
    this.#hurried = true;
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#schedule(SOON_MS);
  }

  async #look(): Promise<void> {
    if (!this.#o.link.up) return;
    const queues = this.#next();
    if (queues.length > 0) {
      const standings = queues.map((queue) => this.#o.ledger.entry(queue).standing());
      const samples = await this.#samples(queues);
      await this.#o.heardAll();
      for (const [index, queue] of queues.entries()) {
        const sample = samples[index];
        const before = standings[index];
        if (sample && before) await this.#judge(queue, this.#o.ledger.entry(queue), sample, before);
      }
    }
    this.#closeOutage();
    this.#o.flush();
  }

  async #judge(queue: BullQueue, entry: LedgerEntry, sample: LedgerSample, before: LedgerStanding): Promise<void> {
    if (!entry.opened) {
      if (entry.outage) this.#gap(queue, entry.outage, null);
      entry.outage = null;
      return entry.open(sample, before);
    }
    if (entry.isReset(sample)) {
      // What ended before the data was lost cannot be known. A queue wiped by its owner has lost nothing.
      if (entry.outage) this.#gap(queue, entry.outage, null);
      this.#settled(entry);
      return entry.open(sample, before);
    }
    const unseen = entry.unseen(sample);
    if (unseen > 0) await this.#o.repair.run(queue, entry);
    const left = unseen > 0 ? entry.unseen(sample) : unseen;
    if (left <= 0) entry.mark(sample);
    const agreed = entry.agreed(left, sample);
    if (agreed === null) return;
    if (agreed > 0) this.#tell(queue, entry, agreed, sample);
    // Jobs were put back unseen, or we opened the books owing too much.
    else if (agreed < 0) entry.writeOff(agreed);
    this.#settled(entry);
  }

  #tell(queue: BullQueue, entry: LedgerEntry, missed: number, sample: LedgerSample): void {
    const now = this.#o.clock.now();
    const split = entry.split(missed, sample);
    const name = queue.onlyTaskName;
    entry.writeOff(missed);
    if (split) entry.explained(split.succeeded, split.failed);
    if (split && name !== null) {
      for (const [outcome, count] of [
        ['success', split.succeeded],
        ['failure', split.failed],
      ] as const) {
        if (count > 0) this.#o.emit({ kind: 'reconciled', at: now, name, outcome, count, timedOut: 0, reason: null });
      }
      return;
    }
    const outage = entry.outage ?? { from: now - 2 * EVERY_MS, to: now };
    this.#gap(queue, outage, missed, split !== null);
  }

  #gap(queue: BullQueue, { from, to }: Outage, missed: number | null, exact = false): void {
    const reason = this.#o.ledger.entry(queue).outage ? 'disconnected' : 'unseen';
    if (reason === 'disconnected') this.#outage = null;
    const exactness = missed === null ? 'unknown' : exact ? 'exact' : 'at_most';
    this.#o.emit({ kind: 'gap', from, to, queue: queue.label, reason, missed, exactness });
  }

  #settled(entry: LedgerEntry): void {
    entry.outage = null;
    entry.dirty = false;
  }

  #closeOutage(): void {
    const outage = this.#outage;
    if (!outage) return;
    // A queue that is gone is not met again: then nothing more is to be learnt.
    if (this.#o.ledger.awaited > 0 && this.#waited < MAX_ROUNDS_AWAITED) {
      this.#waited += 1;
      return;
    }
    this.#o.ledger.giveUpAwaited();
    for (const [, entry] of this.#o.ledger.entries()) if (entry.outage) return;
    this.#outage = null;
    this.#o.emit({ kind: 'gap', ...outage, queue: null, reason: 'disconnected', missed: 0, exactness: 'exact' });
  }

  /** Queues with something to check first; then a few of the others in turn, for what left no trace at all. */
  #next(): readonly BullQueue[] {
    const dirty: BullQueue[] = [];
    const all: BullQueue[] = [];
    for (const [queue, entry] of this.#o.ledger.entries()) {
      all.push(queue);
      if (entry.dirty && dirty.length < MAX_PER_ROUND) dirty.push(queue);
    }
    // A queue that was looked at goes to the end of the line, so that none waits for ever.
    for (const queue of dirty) this.#o.ledger.toEnd(queue);
    if (this.#idle.length === 0) this.#idle.push(...all);
    const chosen = new Set(dirty);
    while (chosen.size < MAX_PER_ROUND && chosen.size < dirty.length + IDLE_PER_ROUND) {
      const queue = this.#idle.pop();
      if (!queue) break;
      if (this.#o.ledger.has(queue)) chosen.add(queue);
    }
    return [...chosen];
  }

  /** One transaction per queue, all in one round trip; null where Redis refuses. */
  async #samples(queues: readonly BullQueue[]): Promise<readonly (LedgerSample | null)[]> {
    const replies = await this.#o.link.transactions(queues.map(sampleCommands));
    return replies.map((reply) => {
      if (!(reply instanceof Error)) return readSample(reply);
      // Without MULTI the commands run one by one, and it is EXEC that complains.
      if (failureOf(reply) === 'denied' || /EXEC/.test(reply.message))
        this.#o.denied('exact counts (MULTI, GET, LLEN, ZCARD, ZREVRANGE, HGET)');
      return null;
    });
  }
}

function sampleCommands(queue: BullQueue): readonly RedisCommand[] {
  return [
    ['GET', queue.at('id')],
    ['LLEN', queue.at('wait')],
    ['LLEN', queue.at('paused')],
    ['LLEN', queue.at('active')],
    ['ZCARD', queue.at('delayed')],
    ['ZREVRANGE', queue.at('completed'), '0', '0', 'WITHSCORES'],
    ['ZREVRANGE', queue.at('failed'), '0', '0', 'WITHSCORES'],
    ['HGET', queue.at('metrics:completed'), 'count'],
    ['HGET', queue.at('metrics:failed'), 'count'],
  ];
}

function readSample(replies: readonly unknown[]): LedgerSample {
  const [id, wait, paused, active, delayed, completed, failed, metricsCompleted, metricsFailed] = replies;
  return {
    added: numberOf(id),
    unfinished: countOf(wait) + countOf(paused) + countOf(active) + countOf(delayed),
    newestCompleted: scoredOf(completed)[0]?.score ?? null,
    newestFailed: scoredOf(failed)[0]?.score ?? null,
    metricsCompleted: numberOf(metricsCompleted),
    metricsFailed: numberOf(metricsFailed),
  };
}
