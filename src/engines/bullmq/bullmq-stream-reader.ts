import { failureOf } from '../redis/redis-failure.js';
import type { RedisCommand, RedisLink } from '../redis/redis-link.js';
import { listOf, textOf } from '../redis/redis-reply.js';
import type { BullmqQueue } from './bullmq-queue.js';
import { readStreamEntry, type StreamEntry } from './bullmq-stream-entry.js';

export interface StreamPlace {
  readonly queue: BullmqQueue;
  /** Id of the last entry read. */
  readonly position: string;
}

export interface ReadStream {
  readonly queue: BullmqQueue;
  /** In order, at least one. */
  readonly entries: readonly StreamEntry[];
}

/** The access rules of Redis do not let us read. */
export class StreamDenied extends Error {}

/** Longest wait for news; also the longest until a queue found meanwhile is read. */
const BLOCK_MS = 500;
/** XREAD that does not return by then has lost its server. */
const READ_WITHIN_MS = BLOCK_MS + 4_000;
const MAX_ENTRIES = 1_000;
const MIN_ENTRIES = 10;
/** Results travel in the streams: entries per queue become fewer where they are large. */
const MAX_CHARACTERS = 8 * 1024 * 1024;
/** Streams per command: XREAD costs Redis some 0.3 µs for each, news or not. */
const MAX_STREAMS = 2_000;
/** Between two readings, per queue: a thousand queues are read ten times a second at most, so that one busy queue does not make the others dear. */
const PAUSE_PER_QUEUE_MS = 0.1;
const MAX_PAUSE_MS = 100;
const CLUSTER_PAUSE_MS = 200;

/**
 * Reads the event streams of all queues with one blocking command on a connection of its own. In a Cluster, where one command reaches one
 * slot, each queue is asked in turn without blocking.
 */
export class BullmqStreamReader {
  readonly #link: RedisLink;
  readonly #cluster: boolean;
  #limit = MAX_ENTRIES;
  #behind = false;
  #group = 0;
  /** By group: monotonic time at which the last reading began that brought all there was. */
  #readAt: number[] = [];

  constructor(link: RedisLink, cluster: boolean) {
    this.#link = link;
    this.#cluster = cluster;
  }

  /** The last reading brought as much as it may: there is more. */
  get behind(): boolean {
    return this.#behind;
  }

  /** Monotonic time up to which everything written had been read, as of the last reading. */
  get readUntil(): number {
    return Math.min(...this.#readAt);
  }

  async read(places: readonly StreamPlace[]): Promise<readonly ReadStream[]> {
    if (places.length === 0) return [];
    const pause = this.#cluster ? CLUSTER_PAUSE_MS : Math.min(MAX_PAUSE_MS, places.length * PAUSE_PER_QUEUE_MS);
    if (!this.#behind && pause >= 1) await new Promise((resolve) => setTimeout(resolve, pause));
    const began = performance.now();
    const groups = this.#cluster ? 1 : Math.ceil(places.length / MAX_STREAMS);
    if (this.#readAt.length !== groups) this.#readAt = new Array<number>(groups).fill(Number.NEGATIVE_INFINITY);
    this.#group = (this.#group + 1) % groups;
    try {
      const replies = this.#cluster ? await this.#readEach(places) : await this.#readTogether(places, groups);
      const streams = this.#understand(places, replies);
      if (!this.#behind) this.#readAt[this.#group] = began;
      return streams;
    } catch (error) {
      if (failureOf(error) === 'denied')
        throw new StreamDenied('Redis does not let us read event streams', { cause: error });
      throw error;
    }
  }

  async #readTogether(places: readonly StreamPlace[], groups: number): Promise<readonly unknown[]> {
    const group = places.slice(this.#group * MAX_STREAMS, (this.#group + 1) * MAX_STREAMS);
    const block = Math.max(1, Math.round(BLOCK_MS / groups));
    const command: RedisCommand = [
      'XREAD',
      'COUNT',
      this.#limit,
      'BLOCK',
      block,
      'STREAMS',
      ...group.map(({ queue }) => queue.at('events')),
      ...group.map(({ position }) => position),
    ];
    return listOf(await this.#link.call(command, undefined, READ_WITHIN_MS));
  }

  async #readEach(places: readonly StreamPlace[]): Promise<readonly unknown[]> {
    const replies = await this.#link.batch(
      places.map(({ queue, position }) => ['XREAD', 'COUNT', this.#limit, 'STREAMS', queue.at('events'), position]),
    );
    for (const reply of replies) if (reply instanceof Error) throw reply;
    return replies.flatMap((reply) => listOf(reply));
  }

  #understand(places: readonly StreamPlace[], replies: readonly unknown[]): readonly ReadStream[] {
    const byKey = new Map(places.map(({ queue }) => [queue.at('events'), queue]));
    let behind = false;
    let characters = 0;
    let count = 0;
    const streams: ReadStream[] = [];
    for (const reply of replies) {
      const [key, list] = listOf(reply);
      const queue = byKey.get(textOf(key) ?? '');
      if (!queue) continue;
      const entries: StreamEntry[] = [];
      for (const raw of listOf(list)) {
        const entry = readStreamEntry(raw);
        if (!entry) continue;
        characters += entry.text?.length ?? 0;
        entries.push(entry);
      }
      count += entries.length;
      if (entries.length >= this.#limit) {
        behind = true;
        // What follows may say that this was no retry but a stalled job; both are written at once, so they are read again together.
        if (entries.length > 1 && entries[entries.length - 1]?.kind === 'waiting') entries.pop();
      }
      if (entries.length > 0) streams.push({ queue, entries });
    }
    this.#behind = behind;
    if (count > 0) {
      const affordable = Math.floor(MAX_CHARACTERS / Math.max(1, characters / count));
      this.#limit = Math.max(MIN_ENTRIES, Math.min(MAX_ENTRIES, affordable));
    }
    return streams;
  }
}
