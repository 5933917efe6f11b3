import { AgedMap } from '../../core/aged-map.js';
import type { Clock } from '../../core/clock.js';
import type { TaskPayload } from '../../core/task.js';
import type { PayloadEvent, TaskEvent } from '../../core/task-event.js';
import type { RedisCommand, RedisLink } from '../redis/redis-link.js';
import { listOf, numberOf, textOf } from '../redis/redis-reply.js';
import { type JobPayload, JobPayloadMemory } from './job-payload-memory.js';
import type { JobQueue } from './job-queue.js';
import type { JobQueueRegistry } from './job-queue-registry.js';
import { parseJson } from './parse-json.js';

/** A job's place in its flow, as full task ids. */
export interface Lineage {
  readonly parentId: string | null;
  readonly rootId: string | null;
}

/** Finds them by the field `parentKey` of jobs; answers in the same order. */
export interface Lineages {
  of(parentKeys: readonly (string | null)[]): Promise<readonly Lineage[]>;
}

export interface JobPayloadsOptions {
  readonly link: RedisLink;
  readonly registry: JobQueueRegistry<JobQueue>;
  readonly redact: (value: unknown) => unknown;
  readonly emit: (event: PayloadEvent) => void;
  readonly clock: Clock;
  /** null for an engine without flows. */
  readonly lineages: Lineages | null;
}

interface Wanted {
  readonly id: string;
  readonly key: string;
}

interface Measured extends Wanted {
  readonly bytes: number;
}

/** Larger ones are not stored either: their size is told. */
const MAX_DATA = 64 * 1024;
/** Jobs per reading: two round trips, some 6 MB at the very worst. */
const BATCH = 100;
/** Beyond this the oldest are given up: they are the likeliest to be gone. */
const MAX_WANTED = 10_000;
/** Data of many large jobs is read no faster than this. */
const BYTES_PER_SECOND = 4 * 1024 * 1024;
const RETRY_MS = 1_000;
const NOWHERE: Lineage = { parentId: null, rootId: null };
const GONE: JobPayload = { data: null, dataBytes: 0, ...NOWHERE };

/**
 * What jobs were given, read from their hashes soon after their first event, because a job may be removed the moment it ends. Two commands for
 * each job, `HSTRLEN` and a read of what is not too large, in batches of which one is on its way at a time; never more jobs a second than
 * `start` allows. What was missed, or gone by then, is not known.
 */
export class JobPayloads {
  readonly #o: JobPayloadsOptions;
  readonly #memory = new JobPayloadMemory();
  /** By task id. */
  #wanted = new AgedMap<string, Wanted>();
  #perSecond = 0;
  #timer: NodeJS.Timeout | null = null;
  #reading = false;
  #notBefore = 0;

  constructor(options: JobPayloadsOptions) {
    this.#o = options;
  }

  /** 0: none are read. */
  start(perSecond: number): void {
    this.#perSecond = perSecond;
  }

  stop(): void {
    this.#perSecond = 0;
    this.#wanted = new AgedMap();
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** On the event path: one or two map operations. */
  heard({ kind, id, queue: label }: TaskEvent): void {
    if (this.#perSecond === 0 || kind === 'task-progress' || kind === 'task-lost') return;
    if (kind === 'task-sent') this.#memory.forget(id);
    else if (this.#memory.isRead(id)) return;
    if (label === null || this.#wanted.has(id)) return;
    const queue = this.#o.registry.byLabel(label);
    if (queue === undefined) return;
    this.#wanted.set(id, { id, key: queue.at(id.slice(label.length + 1)) });
    if (this.#wanted.size > MAX_WANTED) this.#wanted.dropOldest();
    this.#schedule(0);
  }

  /** Stack traces that were read with the events, the newest last. */
  failed(queue: JobQueue, jobId: string, stacks: readonly string[]): void {
    const stack = stacks[stacks.length - 1];
    if (this.#perSecond === 0 || stack === undefined) return;
    const id = queue.taskId(jobId);
    this.#memory.failed(id, stack);
    this.#o.emit({ kind: 'payload', ids: [id] });
  }

  of(id: string): TaskPayload | null {
    const note = this.#memory.get(id);
    if (note === undefined) return null;
    const { payload, traceback } = note;
    const redacted = traceback === null ? null : this.#o.redact(traceback);
    return {
      args: payload === null ? null : this.#argsOf(payload),
      kwargs: null,
      traceback: typeof redacted === 'string' ? redacted : null,
      parentId: payload?.parentId ?? null,
      rootId: payload?.rootId ?? null,
    };
  }

  #argsOf({ data, dataBytes }: JobPayload): unknown {
    if (data === null) return dataBytes === 0 ? null : { tooLarge: true, bytes: dataBytes };
    const parsed = parseJson(data);
    return this.#o.redact(parsed === undefined ? data : parsed);
  }

  #schedule(ms: number): void {
    if (this.#timer !== null || this.#reading || this.#wanted.size === 0) return;
    const wait = Math.max(ms, this.#notBefore - this.#o.clock.monotonic());
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#round();
    }, wait);
    this.#timer.unref();
  }

  async #round(): Promise<void> {
    this.#reading = true;
    const batch = this.#longestWanted(Math.min(BATCH, Math.max(1, Math.ceil(this.#perSecond / 10))));
    let pause = 0;
    try {
      const bytes = await this.#read(batch);
      const seconds = Math.max(batch.length / Math.max(1, this.#perSecond), bytes / BYTES_PER_SECOND);
      this.#notBefore = Math.max(this.#o.clock.monotonic(), this.#notBefore) + seconds * 1_000;
      for (const { id } of batch) this.#wanted.delete(id);
    } catch {
      // Redis is away or slow, which the link itself tells: they are asked for again.
      pause = RETRY_MS;
    }
    this.#reading = false;
    this.#schedule(pause);
  }

  #longestWanted(most: number): readonly Wanted[] {
    const found: Wanted[] = [];
    for (const wanted of this.#wanted.values()) if (found.push(wanted) >= most) break;
    return found;
  }

  /** Returns how many bytes it read. */
  async #read(batch: readonly Wanted[]): Promise<number> {
    const { link, emit } = this.#o;
    const lengths = await link.batch(batch.map(({ key }) => ['HSTRLEN', key, 'data']));
    const there = batch.flatMap(({ id, key }, nth): Measured[] => {
      const bytes = numberOf(lengths[nth]) ?? 0;
      return bytes === 0 ? [] : [{ id, key, bytes }];
    });
    const found = await this.#payloads(there);
    for (const { id } of batch) this.#memory.keep(id, found.get(id) ?? GONE);
    if (found.size > 0) emit({ kind: 'payload', ids: [...found.keys()] });
    return there.reduce((sum, { bytes }) => sum + (bytes <= MAX_DATA ? bytes : 0), 0);
  }

  async #payloads(jobs: readonly Measured[]): Promise<ReadonlyMap<string, JobPayload>> {
    const { link, lineages } = this.#o;
    const small = jobs.filter(({ bytes }) => bytes <= MAX_DATA);
    const asked = lineages === null ? small : jobs;
    const commands = asked.map(({ key, bytes }): RedisCommand => {
      const fields = bytes <= MAX_DATA ? ['data'] : [];
      return ['HMGET', key, ...(lineages === null ? [] : ['parentKey']), ...fields];
    });
    const replies = (await link.batch(commands)).map((reply) => listOf(reply).map(textOf));
    const places = (await lineages?.of(replies.map(([parentKey]) => parentKey || null))) ?? [];
    const data = new Map(asked.map(({ id }, nth) => [id, replies[nth]?.[lineages === null ? 0 : 1] ?? null]));
    const lineage = new Map(asked.map(({ id }, nth) => [id, places[nth] ?? NOWHERE]));
    return new Map(
      jobs.map(({ id, bytes }) => [
        id,
        { data: data.get(id) ?? null, dataBytes: bytes, ...(lineage.get(id) ?? NOWHERE) },
      ]),
    );
  }
}
