import type { Clock } from '../../core/clock.js';
import {
  type BrokerCost,
  type Capability,
  type EngineListener,
  type EngineSnapshot,
  lacks,
  QueueEngine,
  type RevokeReport,
  type RevokeRequest,
} from '../../core/queue-engine.js';
import type { QueuePeek } from '../../core/queue-peek.js';
import type { Redactor } from '../../core/redaction.js';
import type { Source, SourceStatus } from '../../core/source.js';
import type { TaskDetail } from '../../core/task.js';
import type { EngineEvent } from '../../core/task-event.js';
import { type CommandReport, capabilityOf, type WorkerCommand } from '../../core/worker-control.js';
import type { RedisSettings } from '../redis/redis-settings.js';
import { celeryCapabilities } from './celery-capabilities.js';
import type { CeleryBroker, CeleryNames } from './celery-settings.js';
import type { CeleryWorker } from './celery-worker.js';
import { EventDecoder } from './event-decoder.js';
import { KnownQueues } from './known-queues.js';
import { KnownResults } from './known-results.js';
import { OutcomeSettler } from './outcome-settler.js';
import { Pidbox } from './pidbox.js';
import type { Refused } from './refusal.js';
import type { LatencyListener, StoredResult } from './result-backend.js';
import { RevokedIds } from './revoked-ids.js';
import { Revoker } from './revoker.js';
import { takeSnapshot, workerFrom } from './snapshot.js';
import { detailOf } from './task-detail.js';
import { TaskFinder } from './task-finder.js';
import { TaskNotes } from './task-notes.js';
import { type CeleryTransport, type TransportListener } from './transport/celery-transport.js';
import { createTransport } from './transport/create-transport.js';
import { TruthKeeper } from './truth-keeper.js';
import { WaitingTasks } from './waiting-tasks.js';
import { WorkerBook } from './worker-book.js';
import { WorkerCommander } from './worker-commander.js';
import { WorkerPoll } from './worker-poll.js';
import { WorkerWatch } from './worker-watch.js';

export interface CeleryEngineOptions {
  readonly source: Source;
  readonly broker: CeleryBroker;
  readonly names: CeleryNames;
  readonly clock: Clock;
  readonly redact: Redactor;
  /**
   * False: only listens, and publishes nothing at all. Then nothing is known of workers but their heartbeats, nothing can be revoked, and
   * workers that send no task events stay mute.
   */
  readonly control: boolean;
  /** Where results are; null: on the broker's server where a worker says so, else nowhere that we could read. */
  readonly results: RedisSettings | null;
  readonly resultLatency: LatencyListener;
}

const TICK_MS = 250;
/** Workers are asked this often although nobody asks us. */
const POLL_EVERY_MS = 5_000;
const POLL_DEADLINE_MS = 4_000;

/** Celery, over any broker: listens to events, asks workers, and joins the two. */
export class CeleryEngine extends QueueEngine implements TransportListener {
  override readonly source: Source;
  readonly #options: CeleryEngineOptions;
  readonly #clock: Clock;
  readonly #transport: CeleryTransport;
  readonly #workers = new WorkerBook();
  readonly #notes = new TaskNotes();
  readonly #queues = new KnownQueues();
  readonly #revoked = new RevokedIds();
  readonly #decoder: EventDecoder;
  readonly #pidbox: Pidbox;
  readonly #poll: WorkerPoll;
  readonly #watch: WorkerWatch;
  readonly #truth: TruthKeeper;
  readonly #finder: TaskFinder;
  readonly #revoker: Revoker;
  readonly #settler: OutcomeSettler;
  readonly #commander: WorkerCommander;
  readonly #results: KnownResults;
  readonly #waiting: WaitingTasks | null;
  #listener: EngineListener | null = null;
  #batch: EngineEvent[] = [];
  #stamped = false;
  #stopped = false;
  #ticker: NodeJS.Timeout | null = null;
  #polledAt = Number.NEGATIVE_INFINITY;

  constructor(options: CeleryEngineOptions) {
    super();
    const { source, clock, redact, names, control } = options;
    this.source = source;
    this.#options = options;
    this.#clock = clock;
    this.#transport = createTransport({ broker: options.broker, names, clock });
    const [workers, notes, revoked] = [this.#workers, this.#notes, this.#revoked];
    this.#decoder = new EventDecoder({
      workers,
      notes,
      redact,
      queues: this.#queues,
      listener: { workerTold: this.#workerTold },
    });
    const { reader } = this.#transport;
    this.#waiting = reader === null ? null : new WaitingTasks(reader, notes, redact);
    this.#pidbox = new Pidbox(this.#transport, clock);
    this.#poll = new WorkerPoll({ pidbox: this.#pidbox, workers, clock, revoked, notes });
    this.#watch = new WorkerWatch({
      source,
      workers,
      notes,
      control,
      provedGone: (silent, alive, signal) => this.#transport.provedGone(silent, alive, signal),
    });
    this.#truth = new TruthKeeper(workers);
    this.#results = new KnownResults({
      broker: options.broker,
      settings: options.results,
      prefix: names.resultPrefix,
      clock,
      redact,
      latency: options.resultLatency,
    });
    const stored = (id: string, signal: AbortSignal): Promise<StoredResult | null> => this.#results.find(id, signal);
    this.#settler = new OutcomeSettler({ workers, notes, stored });
    this.#finder = new TaskFinder({ pidbox: this.#pidbox, workers, clock });
    this.#commander = new WorkerCommander({ pidbox: this.#pidbox, workers, clock });
    this.#revoker = new Revoker({ pidbox: this.#pidbox, finder: this.#finder, workers, notes, revoked, clock, stored });
  }

  override get capabilities(): ReadonlySet<Capability> {
    const { control } = this.#options;
    return celeryCapabilities({
      control,
      results: this.#results.known,
      peeks: this.#waiting !== null,
      workers: this.#workers.all(),
    });
  }

  override start(listener: EngineListener): void {
    this.#listener = listener;
    this.#results.start();
    this.#transport.start(this);
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
  }

  override async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#ticker !== null) clearInterval(this.#ticker);
    this.#ticker = null;
    await Promise.all([this.#results.stop(), this.#transport.stop()]);
  }

  override status(): SourceStatus {
    return this.#transport.status();
  }

  override cost(): BrokerCost {
    return this.#results.addCost(this.#transport.cost());
  }

  override async inspect(options: {
    readonly listLimit: number;
    readonly signal: AbortSignal;
  }): Promise<EngineSnapshot> {
    const { signal } = options;
    const at = this.#clock.now();
    await this.#round(signal);
    for (const name of await this.#transport.knownQueues(signal)) this.#queues.add(name);
    const depths = await this.#transport.depths(this.#queues.all(), signal);
    const now = this.#clock.monotonic();
    this.#watch.backlog(depths, now);
    return takeSnapshot({
      source: this.source,
      at,
      oldest: (await this.#waiting?.oldest(depths, signal)) ?? new Map(),
      listLimit: options.listLimit,
      depths,
      workers: this.#watch.statuses(now),
      notes: this.#notes,
    });
  }

  override async findTask(id: string, signal: AbortSignal): Promise<TaskDetail | null> {
    const stored = await this.#results.find(id, signal);
    const settled = stored?.kind === 'row' && stored.row.finishedAt !== null && stored.row.state !== 'RETRY';
    const held = settled || !this.#options.control ? null : await this.#finder.find(id, signal);
    const note = this.#notes.get(id) ?? null;
    return detailOf({ source: this.source, id, stored, held, note, redact: this.#options.redact });
  }

  /** A Celery id has no shorter form. One that nobody has heard of may still be waiting in the broker: it is taken as it is if found. */
  override async resolveTaskId(partialId: string, _limit: number, signal: AbortSignal): Promise<readonly string[]> {
    return (await this.findTask(partialId, signal)) === null ? [] : [partialId];
  }

  override revoke(id: string, request: RevokeRequest, signal: AbortSignal): Promise<RevokeReport> {
    return this.#revoker.revoke(id, request, signal);
  }

  override async peek(queue: string, limit: number, signal: AbortSignal): Promise<QueuePeek> {
    if (this.#waiting === null) throw lacks(this.source, 'peek-queue');
    return this.#waiting.peek(queue, limit, signal);
  }

  override async command(
    command: WorkerCommand,
    workers: readonly string[] | null,
    signal: AbortSignal,
  ): Promise<CommandReport> {
    const capability = capabilityOf(command);
    if (!this.capabilities.has(capability)) throw lacks(this.source, capability);
    const report = await this.#commander.command(command, workers, signal);
    this.#poll.forgetRounds(); // whoever looks next sees what it has changed
    return report;
  }

  event(json: string | Refused): void {
    if (!this.#stamped) {
      this.#stamped = true;
      this.#decoder.at(this.#clock.monotonic(), this.#clock.now());
    }
    if (typeof json === 'string') this.#decoder.decode(json, this.#batch);
    else this.#decoder.refuse(json.refused, this.#batch);
  }

  eventsRead(): void {
    this.#stamped = false;
    if (this.#batch.length === 0) return;
    const batch = this.#batch;
    this.#batch = [];
    this.#listener?.events(batch);
  }

  answer(ticket: string, json: string | Refused): void {
    this.#pidbox.answer(ticket, json);
  }

  listening(from: number | null): void {
    const now = this.#clock.monotonic();
    if (from !== null) {
      this.#truth.listeningAgain(from, now, this.#clock.now());
      // Nobody could be heard: their silence proves nothing yet.
      this.#watch.forgive(now, this.#clock.now());
    }
    this.#poll.forgetRounds();
    if (this.#options.control) void this.#background(() => this.#pidbox.tell('heartbeat', null, this.#deadline()));
  }

  statusChanged(status: SourceStatus): void {
    this.#listener?.status(status);
  }

  readonly #workerTold = (
    kind: 'worker-online' | 'worker-heartbeat' | 'worker-offline',
    worker: CeleryWorker,
  ): void => {
    const status = this.#workers.status(worker, this.#clock.monotonic());
    this.#watch.told(worker, status);
    this.#batch.push({ kind, at: worker.seenAtEpoch, worker: workerFrom(worker, status, this.source) });
    // Every moment before its events are switched on, a worker that sends none is running tasks that nobody hears of.
    if (worker.events === null) setImmediate(() => this.#pollSoon());
  };

  #tick(): void {
    if (this.status().connection !== 'connected') return;
    const now = this.#clock.monotonic();
    const epoch = this.#clock.now();
    this.#watch.look(now, epoch, this.#batch);
    this.#truth.look(now, epoch, this.#batch);
    this.eventsRead();
    if (this.#options.control && now - this.#polledAt > POLL_EVERY_MS) this.#pollSoon();
  }

  #pollSoon(): void {
    if (!this.#options.control || this.#stopped) return;
    this.#polledAt = this.#clock.monotonic();
    void this.#background(async () => {
      await this.#round(this.#deadline());
      const depths = await this.#transport.depths(this.#queues.all(), this.#deadline());
      this.#watch.backlog(depths, this.#clock.monotonic());
      await this.#watch.askBroker(this.#clock.monotonic(), this.#deadline());
      this.#batch.push(...(await this.#settler.round(this.#clock.now(), this.#deadline())));
      this.eventsRead();
    });
  }

  async #round(signal: AbortSignal): Promise<void> {
    if (!this.#options.control) return;
    this.#polledAt = this.#clock.monotonic();
    await this.#poll.round(signal);
    for (const { replies } of this.#workers.all()) {
      for (const { name } of replies.queues?.value ?? []) this.#queues.add(name);
      this.#results.learn(replies.results);
    }
  }

  /** What runs by itself has nobody to fail to: a broker that is away is told by the status, and the next round comes. */
  async #background(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch {
      // see above
    }
  }

  #deadline(): AbortSignal {
    return AbortSignal.timeout(POLL_DEADLINE_MS);
  }
}
