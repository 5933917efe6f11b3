import type { BrokerFacts } from '../../src/core/broker-facts.js';
import { SourceUnavailable, TaskNotFound } from '../../src/core/errors.js';
import type { QueueActionReport, QueueActionRequest } from '../../src/core/queue-action.js';
import {
  type BrokerCost,
  CAPABILITIES,
  type Capability,
  type EngineListener,
  type EngineSnapshot,
  type LogPage,
  type LogPageRequest,
  QueueEngine,
  type RevokeReport,
  type RevokeRequest,
} from '../../src/core/queue-engine.js';
import type { QueuePeek } from '../../src/core/queue-peek.js';
import type { ScheduleAction, ScheduleActionReport } from '../../src/core/schedule-action.js';
import type { EngineKind, Source, SourceConnection, SourceStatus } from '../../src/core/source.js';
import type { TaskDetail } from '../../src/core/task.js';
import type { Refusal, TaskAction, TaskActionReport, TaskPlace } from '../../src/core/task-action.js';
import type { EngineEvent } from '../../src/core/task-event.js';
import type { SentTask, TaskOrder } from '../../src/core/task-sending.js';
import type { CommandReport, WorkerCommand } from '../../src/core/worker-control.js';
import type { WorkerInspection } from '../../src/core/worker-inspection.js';
import { aSnapshot, NOON } from './builders.js';

export interface FakeEngineOptions {
  readonly name?: string;
  readonly engine?: EngineKind;
  readonly capabilities?: readonly Capability[];
  /** Default: connected, and has answered. */
  readonly connection?: SourceConnection;
}

/** An engine over no broker: what it tells is what a test has put in. */
export class FakeEngine extends QueueEngine {
  override readonly source: Source;
  override readonly capabilities: ReadonlySet<Capability>;
  /** Tasks that the broker stores, by full id. */
  readonly tasks = new Map<string, TaskDetail>();
  /** Every revoke that was asked for, in order. */
  readonly revokes: { readonly id: string; readonly request: RevokeRequest }[] = [];
  /** Every other action that was asked for, in order. */
  readonly actions: { readonly on: string; readonly action: TaskAction | QueueActionRequest | ScheduleAction }[] = [];
  /** Every task that was to be sent, in order. */
  readonly orders: TaskOrder[] = [];
  /** Why tasks are not changed; null where they are. */
  refusal: Refusal | null = null;
  /** What `actOnQueue` throws; null where it does not. */
  failQueue: Error | null = null;
  /** How often `inspect` was asked. */
  inspections = 0;
  /** Every asking method waits this long, or until its signal aborts. */
  delayMs = 0;
  /** What `inspect` throws; null where it does not. */
  failInspect: Error | null = null;
  /** What `findTask` and `resolveTaskId` throw; null where they do not. */
  failTasks: Error | null = null;
  /** What `revoke` answers; default: revoked. */
  revokeReport: Omit<RevokeReport, 'id'> = { outcome: 'revoked', message: 'Removed before it started.', workers: [] };
  /** Every command to workers, in order. */
  readonly commands: { readonly command: WorkerCommand; readonly workers: readonly string[] | null }[] = [];
  /** What `command` answers. */
  commandReport: CommandReport = {
    outcome: 'done',
    message: 'In effect on worker-1.',
    workers: [{ worker: 'worker-1', answer: 'acknowledged', message: 'ok', inEffect: true }],
  };
  /** What `inspectWorker` answers. */
  inspection: WorkerInspection = { tasks: [], settings: {}, statistics: {}, revoked: [] };
  /** What `peek` answers. */
  queuePeek: QueuePeek = { total: 0, tasks: [] };
  brokerCost: BrokerCost = { connections: 1, commands: 0, bytesRead: 0, reconnects: 0 };

  /** What `sendable` answers. */
  sendableNames: readonly string[] = [];
  /** What `broker` answers. */
  brokerFacts: BrokerFacts | null = null;

  #snapshot: EngineSnapshot = aSnapshot();
  #nextAt = NOON;
  #status: SourceStatus;
  #listener: EngineListener | null = null;

  constructor(options: FakeEngineOptions = {}) {
    super();
    const engine = options.engine ?? 'bull';
    this.source = { name: options.name ?? engine, engine, location: `${engine}+redis://broker.example:6379/0` };
    this.capabilities = new Set(options.capabilities ?? CAPABILITIES);
    const connection = options.connection ?? 'connected';
    this.#status = {
      connection,
      since: NOON,
      lastAnswerAt: connection === 'connected' ? NOON : null,
      problem: connection === 'disconnected' ? 'connection refused' : null,
    };
  }

  /** What the broker tells from itself. */
  emit(...events: readonly EngineEvent[]): void {
    this.#listener?.events(events);
  }

  /** Unless said otherwise, each look is taken a second after the one before. */
  setSnapshot(said: Partial<EngineSnapshot>): void {
    this.#snapshot = aSnapshot({ at: this.#nextAt, ...said });
    this.#nextAt = this.#snapshot.at + 1000;
  }

  store(...tasks: readonly TaskDetail[]): void {
    for (const task of tasks) this.tasks.set(task.id, task);
  }

  setStatus(said: Partial<SourceStatus>): void {
    this.#status = { ...this.#status, ...said };
    this.#listener?.status(this.#status);
  }

  override start(listener: EngineListener): void {
    this.#listener = listener;
    listener.status(this.#status);
  }

  override async stop(): Promise<void> {
    this.#listener = null;
  }

  override status(): SourceStatus {
    return this.#status;
  }

  override async inspect({
    signal,
  }: {
    readonly listLimit: number;
    readonly signal: AbortSignal;
  }): Promise<EngineSnapshot> {
    this.inspections += 1;
    await this.#wait(signal);
    if (this.failInspect !== null) throw this.failInspect;
    return this.#snapshot;
  }

  override async findTask(id: string, signal: AbortSignal): Promise<TaskDetail | null> {
    await this.#wait(signal);
    if (this.failTasks !== null) throw this.failTasks;
    return this.tasks.get(id) ?? null;
  }

  override async resolveTaskId(partialId: string, limit: number, signal: AbortSignal): Promise<readonly string[]> {
    await this.#wait(signal);
    if (this.failTasks !== null) throw this.failTasks;
    return [...this.tasks.keys()].filter((id) => id === partialId || id.endsWith(`:${partialId}`)).slice(0, limit);
  }

  override async revoke(id: string, request: RevokeRequest, signal: AbortSignal): Promise<RevokeReport> {
    await this.#wait(signal);
    if (!this.tasks.has(id)) throw new TaskNotFound(`no task ${id}`, { id });
    this.revokes.push({ id, request });
    return { id, ...this.revokeReport };
  }

  override async command(
    command: WorkerCommand,
    workers: readonly string[] | null,
    signal: AbortSignal,
  ): Promise<CommandReport> {
    await this.#wait(signal);
    this.commands.push({ command, workers });
    return this.commandReport;
  }

  override async inspectWorker(_worker: string, signal: AbortSignal): Promise<WorkerInspection> {
    await this.#wait(signal);
    return this.inspection;
  }

  override async peek(_queue: string, limit: number, signal: AbortSignal): Promise<QueuePeek> {
    await this.#wait(signal);
    return { ...this.queuePeek, tasks: this.queuePeek.tasks.slice(0, limit) };
  }

  override async act(id: string, action: TaskAction, signal: AbortSignal): Promise<TaskActionReport> {
    await this.#wait(signal);
    const task = this.tasks.get(id);
    if (!task) throw new TaskNotFound(`no task ${id}`, { id });
    this.actions.push({ on: id, action });
    const place: TaskPlace = { state: task.state, stage: 'reserved', eta: task.eta, priority: task.priority };
    return { id, refusal: this.refusal, message: 'Done.', before: place, after: null };
  }

  override get sendable(): readonly string[] {
    return this.sendableNames;
  }

  override async send(order: TaskOrder, signal: AbortSignal): Promise<SentTask> {
    await this.#wait(signal);
    this.orders.push(order);
    return {
      id: 'new-id',
      name: order.name,
      queue: order.queue,
      eta: order.delayMs === 0 ? null : NOON + order.delayMs,
    };
  }

  override async actOnQueue(
    queue: string,
    request: QueueActionRequest,
    signal: AbortSignal,
  ): Promise<QueueActionReport> {
    await this.#wait(signal);
    this.actions.push({ on: queue, action: request });
    if (this.failQueue !== null) throw this.failQueue;
    const before = { waiting: 3, active: 0, delayed: 1, succeeded: 0, failed: 0, paused: false };
    return { queue, message: 'Done.', matched: 3, removed: 3, complete: true, before, after: null };
  }

  override async actOnSchedule(
    queue: string,
    id: string,
    action: ScheduleAction,
    signal: AbortSignal,
  ): Promise<ScheduleActionReport> {
    await this.#wait(signal);
    this.actions.push({ on: `${queue} ${id}`, action });
    const before = {
      id,
      name: queue,
      cron: '* * * * *',
      everyMs: null,
      timeZone: null,
      nextAt: NOON,
      lastAt: null,
      missed: false,
      missedRuns: 0,
    };
    return { queue, id, message: 'Done.', taskId: null, before, after: null };
  }

  override async logs(id: string, page: LogPageRequest, signal: AbortSignal): Promise<LogPage | null> {
    await this.#wait(signal);
    const lines = this.tasks.get(id)?.logs;
    if (lines == null) return null;
    const ordered = page.newestFirst ? lines : [...lines].reverse();
    return { lines: ordered.slice(page.offset, page.offset + page.limit), total: lines.length };
  }

  override async broker(signal: AbortSignal): Promise<BrokerFacts | null> {
    await this.#wait(signal);
    return this.brokerFacts;
  }

  override cost(): BrokerCost {
    return this.brokerCost;
  }

  #wait(signal: AbortSignal): Promise<void> {
    if (this.delayMs === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        clearTimeout(timer);
        reject(new SourceUnavailable(`source "${this.source.name}" did not answer in time`));
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', abort);
        resolve();
      }, this.delayMs);
      signal.addEventListener('abort', abort, { once: true });
    });
  }
}
