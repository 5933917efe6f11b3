import type { BrokerCost, EngineListener } from '../../core/queue-engine.js';
import type { SourceStatus } from '../../core/source.js';
import type { EngineEvent } from '../../core/task-event.js';
import { AgentControl } from '../jobs/agent-control.js';
import { EventOutbox } from '../jobs/event-outbox.js';
import { OrphanedJobs } from '../jobs/orphaned-jobs.js';
import { LinkState } from '../redis/link-state.js';
import { RedisLink } from '../redis/redis-link.js';
import { RedisMeter } from '../redis/redis-meter.js';
import { countOf, listOf } from '../redis/redis-reply.js';
import type { BullmqEngineOptions } from './bullmq-engine-options.js';
import { BullmqEventFeed } from './bullmq-event-feed.js';
import { BullmqEventMapper } from './bullmq-event-mapper.js';
import { BullmqInspector } from './bullmq-inspector.js';
import type { BullmqQueue } from './bullmq-queue.js';
import { BullmqQueueFinder } from './bullmq-queue-finder.js';
import { BullmqQueueRegistry } from './bullmq-queue-registry.js';
import { BullmqRevoker } from './bullmq-revoker.js';
import { BullmqStreamReader } from './bullmq-stream-reader.js';
import { BullmqTaskReader } from './bullmq-task-reader.js';
import { BullmqTaskTracker } from './bullmq-task-tracker.js';
import { BullmqWorkerBook } from './bullmq-worker-book.js';

/**
 * Everything that runs while a BullMQ source is watched, put together. Two connections: one for commands, one that waits for events. They come
 * and go on their own; the source is connected while both are up.
 */
export class BullmqWatch {
  readonly registry: BullmqQueueRegistry;
  readonly inspector: BullmqInspector;
  readonly reader: BullmqTaskReader;
  readonly revoker: BullmqRevoker;
  readonly #meter = new RedisMeter();
  readonly #commands: RedisLink;
  readonly #events: RedisLink;
  readonly #orphans: OrphanedJobs;
  readonly #feed: BullmqEventFeed;
  readonly #finder: BullmqQueueFinder;
  readonly #state: LinkState;
  readonly #outbox = new EventOutbox();
  #started = false;
  /** Last sign of life before the connection was lost; null while it holds, and before the first. */
  #awaySince: number | null = null;
  #stopped = false;

  constructor(options: BullmqEngineOptions) {
    const { clock, redis, source, redact } = options;
    const prefixes = options.prefixes ?? [];
    this.#state = new LinkState(source, clock, options.log);

    const link = (role: string, onUp: () => Promise<void>): RedisLink =>
      new RedisLink({
        settings: redis,
        clock,
        meter: this.#meter,
        name: `taskscope-${role}`,
        onUp,
        onDown: (problem) => this.#linkDown(problem),
      });
    this.#commands = link('commands', () => this.#commandsUp());
    this.#events = link('events', async () => void setImmediate(() => this.#linkUp()));

    const commands = this.#commands;
    const denied = (feature: string): void => this.#state.deny(feature);
    const emit = (event: EngineEvent): void => this.#outbox.push(event);
    const book = new BullmqWorkerBook(source.name);
    const tracker = new BullmqTaskTracker();
    this.registry = new BullmqQueueRegistry(prefixes);
    this.#orphans = new OrphanedJobs(clock);
    const mapper = new BullmqEventMapper({
      tracker,
      emit,
      redact,
      workerOf: (queue, { brief, token }) => book.nameOf(queue, brief?.worker ?? null, token),
    });
    this.#feed = new BullmqEventFeed({
      reader: new BullmqStreamReader(this.#events, redis.topology.kind === 'cluster'),
      commands,
      tracker,
      mapper,
      clock,
      emit,
      flush: () => this.#outbox.flush(),
      denied,
      askWorker: (queue) => book.isShared(queue),
    });
    this.#finder = new BullmqQueueFinder({
      link: commands,
      registry: this.registry,
      prefixes,
      found: (queue, isNew) => this.#feed.add(queue, isNew),
      gone: (queue) => this.#gone(queue),
      denied,
    });
    this.inspector = new BullmqInspector({
      source: source.name,
      link: commands,
      tracker,
      book,
      orphans: this.#orphans,
      now: () => clock.now(),
      denied,
    });
    this.reader = new BullmqTaskReader({ source: source.name, link: commands, registry: this.registry, book, redact });
    this.revoker = new BullmqRevoker({
      link: commands,
      tracker,
      orphans: this.#orphans,
      book,
      control: new AgentControl({ engine: 'bullmq', link: commands, clock, database: redis.database, denied }),
    });
  }

  start(listener: EngineListener): void {
    if (this.#started || this.#stopped) return;
    this.#started = true;
    this.#outbox.open((batch) => listener.events(batch));
    this.#state.open(() => listener.status(this.status()));
    this.#events.open();
    this.#commands.open();
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#finder.stop();
    this.#feed.stop();
    await Promise.all([this.#commands.close(), this.#events.close()]);
    this.#outbox.flush();
    this.#outbox.close();
    this.#state.close();
  }

  status(): SourceStatus {
    const answers = [this.#commands.lastAnswerAt, this.#events.lastAnswerAt].filter((at) => at !== null);
    return this.#state.status(answers.length === 0 ? null : Math.max(...answers));
  }

  cost(): BrokerCost {
    return this.#meter.cost();
  }

  /** Full ids are their own answer, bare job ids are looked for in every queue: one command per queue, one round trip. */
  async resolve(partialId: string, limit: number, signal: AbortSignal): Promise<readonly string[]> {
    const candidates = this.registry.all().map((queue) => ({ queue, jobId: partialId }));
    candidates.unshift(...this.registry.readings(partialId));
    // Every job has a timestamp; keys such as `wait`, which are no hashes, answer with an error.
    const replies = await this.#commands.batch(
      candidates.map(({ queue, jobId }) => ['HEXISTS', queue.at(jobId), 'timestamp']),
      signal,
    );
    const found = candidates.filter((_, nth) => replies[nth] === 1).map(({ queue, jobId }) => queue.taskId(jobId));
    return [...new Set(found)].slice(0, limit);
  }

  /** The clock of Redis is the one that stream ids are made of. */
  async #commandsUp(): Promise<void> {
    const [seconds, micros] = listOf(await this.#commands.call(['TIME']));
    this.#feed.watchSince(countOf(seconds) * 1000 + Math.floor(countOf(micros) / 1000));
    setImmediate(() => {
      if (this.#stopped) return;
      this.#finder.resume();
      this.#linkUp();
    });
  }

  #linkUp(): void {
    if (this.#stopped || !this.#commands.up || !this.#events.up) return;
    this.#feed.resume(this.#awaySince);
    this.#awaySince = null;
    this.#state.connected();
  }

  #linkDown(problem: string): void {
    const status = this.status();
    if (status.connection === 'connected') this.#awaySince ??= status.lastAnswerAt;
    this.#feed.stop();
    this.#state.lost(problem);
  }

  #gone(queue: BullmqQueue): void {
    this.registry.remove(queue);
    this.#feed.remove(queue);
    this.#orphans.forget(queue);
  }
}
