import type { BrokerFacts } from '../../core/broker-facts.js';
import type { Clock } from '../../core/clock.js';
import type { QueueActionReport, QueueActionRequest } from '../../core/queue-action.js';
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
import type { TaskDetail, TaskPayload } from '../../core/task.js';
import { capabilityOfTask, type TaskAction, type TaskActionReport } from '../../core/task-action.js';
import type { Relative } from '../../core/task-family.js';
import type { SentTask, TaskOrder } from '../../core/task-sending.js';
import { type CommandReport, capabilityOf, type WorkerCommand } from '../../core/worker-control.js';
import type { WorkerInspection } from '../../core/worker-inspection.js';
import { BeatSchedule } from './beat-schedule.js';
import { celeryCapabilities } from './celery-capabilities.js';
import { celeryPositionSchema } from './celery-position.js';
import type { CeleryBroker, CeleryNames } from './celery-settings.js';
import { CeleryWatcher } from './celery-watcher.js';
import { KnownQueues } from './known-queues.js';
import { KnownResults } from './known-results.js';
import { Pidbox } from './pidbox.js';
import { drainQueue } from './queue-drainer.js';
import type { LatencyListener, StoredResult } from './result-backend.js';
import type { ResultStore } from './result-store.js';
import { RevokedIds } from './revoked-ids.js';
import { Revoker } from './revoker.js';
import { takeSnapshot } from './snapshot.js';
import { believed, detailOf, payloadOf } from './task-detail.js';
import { TaskFinder } from './task-finder.js';
import { TaskNotes } from './task-notes.js';
import { TaskSender } from './task-sender.js';
import { type CeleryTransport } from './transport/celery-transport.js';
import { createTransport } from './transport/create-transport.js';
import { WaitingTasks } from './waiting-tasks.js';
import { WorkerBook } from './worker-book.js';
import { WorkerCommander } from './worker-commander.js';
import { WorkerInspector } from './worker-inspector.js';

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
  /** Names of tasks that may be sent, or beginnings of names followed by `*`; empty: none. */
  readonly sendable: readonly string[];
  /** Work waits for a worker that neither runs nor begins anything for so long: it has stalled. */
  readonly stalledAfterMs?: number;
  /** Where results are; null: on the broker's server where a worker says so, else nowhere that we could read. */
  readonly results: ResultStore | null;
  readonly resultLatency: LatencyListener;
}

/** Celery, over any broker: what it watches by itself is in `CeleryWatcher`; here is what it is asked for. */
export class CeleryEngine extends QueueEngine {
  override readonly source: Source;
  readonly #options: CeleryEngineOptions;
  readonly #clock: Clock;
  readonly #transport: CeleryTransport;
  readonly #workers: WorkerBook;
  readonly #notes = new TaskNotes();
  readonly #queues = new KnownQueues();
  readonly #revoked = new RevokedIds();
  readonly #beat = new BeatSchedule();
  readonly #watcher: CeleryWatcher;
  readonly #finder: TaskFinder;
  readonly #revoker: Revoker;
  readonly #commander: WorkerCommander;
  readonly #inspector: WorkerInspector;
  readonly #sender: TaskSender;
  readonly #results: KnownResults;
  readonly #waiting: WaitingTasks | null;

  constructor(options: CeleryEngineOptions) {
    super();
    const { source, clock, redact, names, control } = options;
    this.source = source;
    this.#options = options;
    this.#clock = clock;
    this.#workers = new WorkerBook(options.stalledAfterMs);
    this.#transport = createTransport({ broker: options.broker, names, clock });
    this.#results = new KnownResults({
      broker: options.broker,
      store: options.results,
      prefix: names.resultPrefix,
      clock,
      redact,
      latency: options.resultLatency,
    });
    const [transport, results] = [this.#transport, this.#results];
    const [workers, notes, queues, revoked] = [this.#workers, this.#notes, this.#queues, this.#revoked];
    const pidbox = new Pidbox(transport, clock);
    const stored = (id: string, signal: AbortSignal): Promise<StoredResult | null> => results.find(id, signal);
    const { reader } = transport;
    this.#waiting = reader === null ? null : new WaitingTasks(reader, notes, redact);
    this.#watcher = new CeleryWatcher({
      source,
      clock,
      redact,
      control,
      transport,
      pidbox,
      workers,
      notes,
      queues,
      revoked,
      results,
    });
    this.#finder = new TaskFinder({ pidbox, workers, clock });
    this.#commander = new WorkerCommander({ pidbox, workers, clock });
    this.#inspector = new WorkerInspector(pidbox, redact);
    this.#sender = new TaskSender({
      transport,
      results,
      notes,
      queues,
      clock,
      sendable: (name) => options.sendable.some((pattern) => namedBy(pattern, name)),
      sent: (events) => this.#watcher.sent(events),
    });
    this.#revoker = new Revoker({ pidbox, finder: this.#finder, workers, notes, revoked, clock, stored });
  }

  override get capabilities(): ReadonlySet<Capability> {
    const { control } = this.#options;
    return celeryCapabilities({
      control,
      results: this.#results.known,
      peeks: this.#waiting !== null,
      sends: this.#options.sendable.length > 0,
      workers: this.#workers.all(),
    });
  }

  override start(listener: EngineListener): void {
    this.#results.start();
    this.#watcher.start(listener);
    this.#transport.start(this.#watcher);
  }

  override async stop(): Promise<void> {
    this.#watcher.stop();
    await Promise.all([this.#results.stop(), this.#transport.stop()]);
  }

  override position(): unknown {
    // What is still to be told is told by this, and so counted.
    const position = this.#watcher.position();
    this.#transport.positionTaken();
    return position;
  }

  override resume(position: unknown): boolean {
    const read = celeryPositionSchema.safeParse(position);
    if (read.success) this.#watcher.resume(read.data);
    return read.success;
  }

  override status(): SourceStatus {
    return this.#transport.status();
  }

  override cost(): BrokerCost {
    return this.#results.addCost(this.#transport.cost());
  }

  override broker(signal: AbortSignal): Promise<BrokerFacts | null> {
    return this.#transport.broker(signal);
  }

  override async inspect(options: {
    readonly listLimit: number;
    readonly signal: AbortSignal;
  }): Promise<EngineSnapshot> {
    const { signal } = options;
    const at = this.#clock.now();
    await this.#watcher.round(signal);
    for (const name of await this.#transport.knownQueues(signal)) this.#queues.add(name);
    const depths = await this.#transport.depths(this.#queues.all(), signal);
    return takeSnapshot({
      source: this.source,
      at,
      oldest: (await this.#waiting?.oldest(depths, signal)) ?? new Map(),
      listLimit: options.listLimit,
      depths,
      workers: this.#watcher.statusesWith(depths),
      notes: this.#notes,
      beat: this.#beat,
    });
  }

  override async findTask(id: string, signal: AbortSignal): Promise<TaskDetail | null> {
    const stored = await this.#results.find(id, signal);
    const row = stored?.kind === 'row' ? stored.row : null;
    const settled = row !== null && row.finishedAt !== null && row.state !== 'RETRY' && row.state !== 'REVOKED';
    const held = settled || !this.#options.control ? null : await this.#finder.find(id, signal);
    const note = this.#notes.get(id) ?? null;
    const { redact } = this.#options;
    return detailOf({ source: this.source, id, stored: believed(stored, held, note), held, note, redact });
  }

  override relatives(rootId: string, limit: number): readonly Relative[] {
    return this.#notes.relatives(rootId, limit);
  }

  override payloadOf(id: string): TaskPayload | null {
    const note = this.#notes.get(id);
    return note === undefined ? null : payloadOf(note, this.#options.redact);
  }

  /** A Celery id has no shorter form. One that nobody has heard of may still be waiting in the broker: it is taken as it is if found. */
  override async resolveTaskId(partialId: string, _limit: number, signal: AbortSignal): Promise<readonly string[]> {
    return (await this.findTask(partialId, signal)) === null ? [] : [partialId];
  }

  override revoke(id: string, request: RevokeRequest, signal: AbortSignal): Promise<RevokeReport> {
    return this.#revoker.revoke(id, request, signal);
  }

  override async act(id: string, action: TaskAction, signal: AbortSignal): Promise<TaskActionReport> {
    const capability = capabilityOfTask(action);
    if (action.kind !== 'retry' || !this.capabilities.has(capability)) throw lacks(this.source, capability);
    return this.#sender.again(id, action.edited ?? {}, signal);
  }

  override get sendable(): readonly string[] {
    return this.capabilities.has('send-task') ? this.#options.sendable : [];
  }

  override async send(order: TaskOrder, signal: AbortSignal): Promise<SentTask> {
    if (!this.capabilities.has('send-task')) throw lacks(this.source, 'send-task');
    return this.#sender.send(order, signal);
  }

  override async peek(queue: string, limit: number, signal: AbortSignal, offset = 0): Promise<QueuePeek> {
    if (this.#waiting === null) throw lacks(this.source, 'peek-queue');
    return this.#waiting.peek(queue, { offset, limit }, signal);
  }

  override async actOnQueue(
    queue: string,
    request: QueueActionRequest,
    signal: AbortSignal,
  ): Promise<QueueActionReport> {
    if (!this.capabilities.has('drain-queue')) throw lacks(this.source, 'drain-queue');
    return drainQueue(this.#transport, queue, request, signal);
  }

  override async inspectWorker(worker: string, signal: AbortSignal): Promise<WorkerInspection> {
    if (!this.capabilities.has('inspect-worker')) throw lacks(this.source, 'inspect-worker');
    return this.#inspector.inspect(worker, signal);
  }

  override async command(
    command: WorkerCommand,
    workers: readonly string[] | null,
    signal: AbortSignal,
  ): Promise<CommandReport> {
    const capability = capabilityOf(command);
    if (!this.capabilities.has(capability)) throw lacks(this.source, capability);
    // Whoever joins later has to know, whether or not somebody answers now.
    if (command.kind === 'revoke-stamped') this.#revoked.stamps.add(command.stamps, this.#clock.monotonic());
    const report = await this.#commander.command(command, workers, signal);
    this.#watcher.forgetRounds(); // whoever looks next sees what it has changed
    return report;
  }
}

function namedBy(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
