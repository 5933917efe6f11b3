import type { Clock } from '../../core/clock.js';
import type { RedisLink } from '../redis/redis-link.js';
import { type ChannelKind, readChannel } from './bull-channel.js';
import type { BullEventMapper } from './bull-event-mapper.js';
import { type LookRequest, lookAtJobs } from './bull-job-reader.js';
import { type BullMessage, type JobLook, NO_LOOK } from './bull-message.js';
import { NOTHING, readPayload } from './bull-payload.js';
import type { BullQueue } from './bull-queue.js';
import type { BullQueueRegistry } from './bull-queue-registry.js';
import type { BullTaskTracker } from './bull-task-tracker.js';

interface Heard extends Omit<BullMessage, 'queue'> {
  readonly key: string;
}

interface Batch {
  readonly heard: readonly Heard[];
  /** By `<queue key> <job id>`; null until they have come. */
  looks: ReadonlyMap<string, JobLook> | null;
  /** To be called when it has been handled. */
  readonly done: (() => void)[];
}

export interface FeedOptions {
  readonly registry: BullQueueRegistry;
  readonly tracker: BullTaskTracker;
  readonly mapper: BullEventMapper;
  readonly clock: Clock;
  /** The link on which jobs are looked at. */
  readonly commands: RedisLink;
  /** A queue not known so far has been heard of: registers it where it is in our database, else answers null. */
  readonly meet: (key: string) => Promise<BullQueue | null>;
  /** Events of one batch are complete. */
  readonly flush: () => void;
  readonly rejected: (reason: string, at: number) => void;
}

/** Messages handled without a pause for everything else. */
const MAX_BATCH = 100;
/** How long after a `delayed` message the running jobs of its queue are looked at: many come at once. */
const CHECK_AFTER_MS = 50;
const MAX_CHECKED = 200;
/** A queue that removes what has finished is still asked once in so many, in case its settings have changed. */
const ASK_AGAIN = 256;
/** Messages waiting for Redis to answer our looks; beyond that they are told without. */
const MAX_BEHIND = 50_000;

/**
 * Takes messages as they come and hands them to the mapper in the same order, in batches: one per turn of the event loop. Jobs that are
 * new, and failures, are looked at in one round trip per batch, sent at once, because a job may be removed the moment it ends. Batches whose
 * looks are out do not hold up the looks of the next. Without anything to look at, all is synchronous.
 */
export class BullEventFeed {
  readonly #o: FeedOptions;
  #collecting: Heard[] = [];
  #scheduled = false;
  readonly #batches: Batch[] = [];
  #behind = 0;
  /** Jobs whose start is in a batch not handled yet: a second start among them is a retry. */
  readonly #starting = new Map<string, number>();
  readonly #checks = new Map<string, NodeJS.Timeout>();
  #finishedUnasked = 0;

  constructor(options: FeedOptions) {
    this.#o = options;
  }

  hear(kind: ChannelKind, channel: string, payload: string): void {
    const read = readChannel(kind, channel);
    if (!read || !this.#o.registry.accepts(read.key)) return;
    const at = this.#o.clock.now();
    if (kind === 'delayed') this.#checkSoon(read.key, at);
    const body = readPayload(kind, payload);
    if (!body) {
      this.#o.rejected('malformed', at);
      return;
    }
    if (body.oversized) this.#o.rejected('oversized', at);
    this.#collect({ kind, key: read.key, token: read.token, at, ...body });
  }

  /** Resolves when everything heard by now has been handed to the mapper. */
  settled(): Promise<void> {
    this.#close();
    const last = this.#batches[this.#batches.length - 1];
    return last ? new Promise((resolve) => last.done.push(resolve)) : Promise.resolve();
  }

  stop(): void {
    for (const timer of this.#checks.values()) clearTimeout(timer);
    this.#checks.clear();
    this.#collecting = [];
  }

  #collect(heard: Heard): void {
    this.#collecting.push(heard);
    if (this.#collecting.length >= MAX_BATCH) {
      this.#close();
    } else if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.#close();
      });
    }
  }

  #close(): void {
    const heard = this.#collecting;
    if (heard.length === 0) return;
    this.#collecting = [];
    const strangers = new Set<string>();
    const requests = new Map<string, LookRequest>();
    for (const message of heard) {
      const queue = this.#o.registry.get(message.key);
      if (!queue) strangers.add(message.key);
      else this.#wanted(queue, message, requests);
    }
    const batch: Batch = { heard, looks: null, done: [] };
    this.#batches.push(batch);
    this.#behind += heard.length;
    const useless = this.#behind > MAX_BEHIND || !this.#o.commands.up;
    if (useless || (requests.size === 0 && strangers.size === 0)) {
      batch.looks = new Map();
      this.#drain();
      return;
    }
    void this.#look(batch, requests, strangers);
  }

  async #look(batch: Batch, requests: Map<string, LookRequest>, strangers: ReadonlySet<string>): Promise<void> {
    const looks = new Map<string, JobLook>();
    try {
      const ask = async (wanted: ReadonlyMap<string, LookRequest>): Promise<void> => {
        const keys = [...wanted.keys()];
        const answers = await lookAtJobs(this.#o.commands, [...wanted.values()]);
        keys.forEach((key, index) => {
          looks.set(key, answers[index] ?? NO_LOOK);
        });
      };
      const asked = ask(requests);
      if (strangers.size > 0) {
        await Promise.all([...strangers].map((key) => this.#o.meet(key)));
        const theirs = new Map<string, LookRequest>();
        for (const message of batch.heard) {
          const queue = strangers.has(message.key) ? this.#o.registry.get(message.key) : undefined;
          if (queue) this.#wanted(queue, message, theirs);
        }
        await ask(theirs);
      }
      await asked;
    } catch {
      // Redis is away or slow: the messages still count, without names. The link itself tells why.
    }
    batch.looks = looks;
    this.#drain();
  }

  /** Which jobs of a message have to be looked at. */
  #wanted(queue: BullQueue, message: Heard, requests: Map<string, LookRequest>): void {
    const { kind } = message;
    if (kind === 'waiting' || kind === 'active') {
      const known = this.#o.tracker.get(queue, message.jobId);
      const key = lookKey(queue, message.jobId);
      const starting = this.#starting.get(key) ?? 0;
      const running = starting > 0 || (known?.state === 'active' && !known.stalled);
      if (kind === 'active') this.#starting.set(key, starting + 1);
      if (!known || running || known.name === null || this.#o.mapper.isStale(known))
        request(requests, queue, message.jobId, running);
    } else if (kind === 'failed') {
      request(requests, queue, message.jobId, true);
    } else if (kind === 'completed') {
      if (!queue.keepsFinished && ++this.#finishedUnasked % ASK_AGAIN !== 0) return;
      request(requests, queue, message.jobId, false);
    } else if (kind === 'check') {
      request(requests, queue, message.jobId, true);
    }
  }

  #drain(): void {
    for (let first = this.#batches[0]; first?.looks; first = this.#batches[0]) {
      this.#batches.shift();
      this.#behind -= first.heard.length;
      for (const message of first.heard) this.#handle(message, first.looks);
      this.#o.flush();
      for (const done of first.done) done();
    }
  }

  #handle(message: Heard, looks: ReadonlyMap<string, JobLook>): void {
    const { kind, jobId } = message;
    const queue = this.#o.registry.get(message.key);
    if (!queue) {
      // Met while Redis did not answer: nobody can say whether it is in our database.
      if (kind === 'completed' || kind === 'failed') this.#o.rejected('unattributed', message.at);
      return;
    }
    const key = lookKey(queue, jobId);
    if (kind === 'active') this.#started(key);
    const look = looks.get(key) ?? NO_LOOK;
    if (kind === 'completed' && looks.has(key)) queue.keepsFinished = look.brief !== null;
    this.#o.mapper.take({ ...message, queue }, look);
  }

  #started(key: string): void {
    const left = (this.#starting.get(key) ?? 1) - 1;
    if (left > 0) this.#starting.set(key, left);
    else this.#starting.delete(key);
  }

  /** `delayed` names no job: one of the running ones may have failed and wait for its next attempt. */
  #checkSoon(key: string, at: number): void {
    if (this.#checks.has(key)) return;
    const timer = setTimeout(() => {
      this.#checks.delete(key);
      const queue = this.#o.registry.get(key);
      if (!queue) return;
      for (const jobId of this.#o.tracker.active(queue, MAX_CHECKED)) {
        this.#collect({ ...NOTHING, kind: 'check', key, jobId, token: '', at });
      }
    }, CHECK_AFTER_MS);
    this.#checks.set(key, timer);
  }
}

function request(requests: Map<string, LookRequest>, queue: BullQueue, jobId: string, failure: boolean): void {
  const key = lookKey(queue, jobId);
  if (failure || !requests.has(key)) requests.set(key, { queue, jobId, failure });
}

function lookKey(queue: BullQueue, jobId: string): string {
  return `${queue.key} ${jobId}`;
}
