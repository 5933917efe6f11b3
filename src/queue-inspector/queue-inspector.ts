import type { Clock } from '../core/clock.js';
import { NotSupported, TaskNotFound } from '../core/errors.js';
import type { GapRecord, HistoryState, SourcePosition, StoredTask } from '../core/history-store.js';
import type { LiveStateLimits } from '../core/live-state.js';
import { type LiveTask, summarise } from '../core/live-task.js';
import { PayloadRedaction } from '../core/payload-redaction.js';
import type { Capability, QueueEngine, RevokeReport, RevokeRequest } from '../core/queue-engine.js';
import type { QueuePeek } from '../core/queue-peek.js';
import { redactor } from '../core/redaction.js';
import { currentScope, isLimited, sourceInScope } from '../core/scope.js';
import type { Source, SourceStatus } from '../core/source.js';
import { NO_PAYLOAD, type TaskDetail, type TaskPayload, type TaskSummary } from '../core/task.js';
import { type GapEvent, isOfWorker } from '../core/task-event.js';
import type { Relative } from '../core/task-family.js';
import type { TaskQuery, TaskQueryResult } from '../core/task-query.js';
import type { Worker } from '../core/worker.js';
import { type CommandReport, capabilityOf, type WorkerCommand } from '../core/worker-control.js';
import type { WorkerInspection } from '../core/worker-inspection.js';
import { ActionDesk } from './action-desk.js';
import { EarlierRun } from './earlier-run.js';
import { EventIntake } from './event-intake.js';
import { GapLog } from './gap-log.js';
import type { IntakeListener } from './intake-listener.js';
import { searchLive } from './live-search.js';
import { detailOf } from './live-task-detail.js';
import { scopedListener, scopedView, taskInScope, tasksInScope, workerInScope } from './scoped-view.js';
import { type InspectionLimits, SourceMonitor } from './source-monitor.js';
import type { SourceView } from './source-view.js';
import { TaskLocator, unavailable } from './task-locator.js';
import type { UnresolvedBroker } from './unresolved-broker.js';
import { WatchedSources } from './watched-sources.js';
import { WorkerRegistry } from './worker-registry.js';

export interface QueueInspectorOptions {
  readonly inspection: InspectionLimits;
  readonly live: LiveStateLimits;
  /** A worker that has gone stays listed, as lost or offline, this long. */
  readonly workerGraceMs: number;
  /** Deadline of reading or revoking one task. */
  readonly commandDeadlineMs: number;
  /** What is hidden of tasks; default: what the names of fields and the form of values tell to be secret. */
  readonly redaction?: PayloadRedaction;
  readonly statusChanged: (source: Source, status: SourceStatus) => void;
}

/**
 * All sources as one. Every feature asks here, never an engine: inspection is shared by whoever asks at the same time, one source failing
 * never fails the others, and what memory knows is joined with what the broker says.
 */
export class QueueInspector {
  /** Changes of tasks, queues and schedules. */
  readonly actions: ActionDesk;
  readonly #clock: Clock;
  readonly #options: QueueInspectorOptions;
  readonly #redaction: PayloadRedaction;
  readonly #intake: EventIntake;
  readonly #workers: WorkerRegistry;
  readonly #gaps = new GapLog();
  readonly #sources = new WatchedSources();
  readonly #unresolved = new Map<string, UnresolvedBroker>();
  readonly #locator: TaskLocator;
  #watchesOnly = false;
  /** Hears of workers, and of nothing that is counted. */
  readonly #deaf: Pick<EventIntake, 'take'> = {
    take: (source, batch) => {
      for (const event of batch) if (isOfWorker(event)) this.#workers.hear(source, event);
    },
  };
  #earlier = new EarlierRun();

  constructor(clock: Clock, options: QueueInspectorOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#redaction = options.redaction ?? new PayloadRedaction(redactor());
    this.#intake = new EventIntake(options.live, this.#redaction);
    this.#workers = new WorkerRegistry(clock, options.workerGraceMs);
    this.#locator = new TaskLocator(this.#intake.live, options.commandDeadlineMs);
    this.actions = new ActionDesk({
      locate: async (id, source) => {
        if (currentScope().queues !== null) await this.task(id, source);
        return this.#locator.locate(id, this.#sources.select(source), source === undefined ? this.unresolved() : []);
      },
      monitors: (source) => this.#sources.select(source),
      redactLine: (source, id, line) => this.#redaction.text(line, this.#intake.live.get(source, id)?.name ?? null),
      deadlineMs: options.commandDeadlineMs,
    });
    this.#intake.listen({
      transitions: () => undefined,
      notice: (source, notice) => {
        if (notice.kind === 'gap') this.#gaps.add(source.name, notice);
        else if (notice.kind !== 'reconciled' && notice.kind !== 'rejected') this.#workers.hear(source, notice);
      },
    });
  }

  /** Begins to watch one more source. */
  add(engine: QueueEngine): void {
    const monitor = new SourceMonitor(engine, this.#clock, { ...this.#options.inspection, redaction: this.#redaction });
    this.#sources.add(monitor);
    this.#missed(engine.source, this.#earlier.resume(engine, this.#clock.now()));
    monitor.start(this.#watchesOnly ? this.#deaf : this.#intake, this.#options.statusChanged);
  }

  /** From now on sources are looked at and acted on, but what they tell is counted elsewhere. */
  watchOnly(): void {
    this.#watchesOnly = true;
  }

  /** Ends every source: those added from now on are counted here. */
  async takeOver(): Promise<void> {
    await this.stop();
    this.#sources.clear();
    this.#unresolved.clear();
    this.#watchesOnly = false;
  }

  /** Goes on where an earlier run ended. For sources that are watched already it is too late: the time since then is a gap. */
  continue(state: HistoryState, tasks: readonly StoredTask[]): void {
    this.#earlier = new EarlierRun(state);
    this.#gaps.continue(state.gaps, state.lastGap);
    this.#intake.live.restore(tasks);
    for (const { source } of this.#sources.all()) {
      this.#missed(source, this.#earlier.gap(source.name, this.#clock.now()));
    }
  }

  /** From now on `payloadOf` is asked for; engines read it of so many tasks a second at most. */
  rememberPayloads(perSecond: number): void {
    this.#sources.rememberPayloads(perSecond);
  }

  /** How far each source has been told: together with what has been counted by now it is one state. */
  positions(): readonly SourcePosition[] {
    return this.#sources.positions();
  }

  /** Notes how it stands with a broker whose engines are not known yet; null once they are. */
  resolving(location: string, status: SourceStatus | null): void {
    if (status === null) this.#unresolved.delete(location);
    else this.#unresolved.set(location, { location, status });
  }

  /** Configured brokers that are not a source yet. */
  unresolved(): readonly UnresolvedBroker[] {
    // A broker of which nothing is known yet has no name that a scope could allow.
    return currentScope().sources === null ? [...this.#unresolved.values()] : [];
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#sources.all()].map((monitor) => monitor.stop()));
  }

  /** Hears every transition and notice from now on. Returns the function that ends it. */
  listen(listener: IntakeListener): () => void {
    return this.#intake.listen(scopedListener(listener, currentScope()));
  }

  sources(): readonly Source[] {
    return this.#sources.select().map((monitor) => monitor.source);
  }

  /** What is known without asking any broker. */
  views(source?: string): readonly SourceView[] {
    const scope = currentScope();
    return this.#sources.select(source).map((monitor) => scopedView(monitor.view(), scope));
  }

  /** One look at every source, or at the named one; polls are shared and cached. Never throws because of a broker. */
  look(source?: string): Promise<readonly SourceView[]> {
    const scope = currentScope();
    return Promise.all(this.#sources.select(source).map(async (monitor) => scopedView(await monitor.look(), scope)));
  }

  /** The workers of a view, with those that have lately gone. */
  workersOf(view: SourceView): readonly Worker[] {
    const scope = currentScope();
    return this.#workers.merge(view.source, view.snapshot).filter((worker) => workerInScope(worker, scope));
  }

  gaps(limit: number): readonly GapRecord[] {
    const scope = currentScope();
    return this.#gaps.list(limit).filter((gap) => sourceInScope(scope, gap.source));
  }

  gapTotals(): GapLog['totals'] {
    return this.#gaps.totals;
  }

  liveStats(): { readonly tasks: number; readonly bytes: number; readonly forgottenUnfinished: number } {
    const { live } = this.#intake;
    return { tasks: live.size, bytes: live.bytes, forgottenUnfinished: live.forgottenUnfinished };
  }

  /** Searches the tasks that memory holds. O(tasks held), bounded by their limit. */
  search(query: TaskQuery): TaskQueryResult {
    const scope = currentScope();
    return searchLive(tasksInScope(this.#intake.live.all(query.filter.source), scope), query);
  }

  /** Every task that memory holds, in no useful order: to be read at once, as they go on changing. */
  liveTasks(): Iterable<TaskSummary> {
    return this.#intake.live.all();
  }

  /** What memory knows of a task, without asking the broker. */
  liveTask(source: string, id: string): TaskSummary | null {
    const task = this.#intake.live.get(source, id);
    return task === undefined || !taskInScope(task, currentScope()) ? null : summarise(task);
  }

  /** Tasks of the family that has this root, as far as events have told of them lately. O(tasks held). */
  relatives(source: string, rootId: string, limit: number): readonly Relative[] {
    const [monitor] = this.#sources.select(source);
    const told = monitor?.engine.relatives(rootId, limit) ?? [];
    // Of a task that memory has forgotten nobody knows the queue.
    return isLimited(currentScope()) ? told.filter(({ id }) => this.liveTask(source, id) !== null) : told;
  }

  /** What its engine remembers of a task beside what events told, without secrets. Asks nobody. */
  payloadOf({ source, id, name }: LiveTask): TaskPayload {
    const found = this.#sources.engine(source)?.payloadOf(id) ?? null;
    return found === null ? NO_PAYLOAD : this.#redaction.payload(found, name);
  }

  /**
   * Everything known about a task: the broker's word, completed by what events told. A task that the broker no longer keeps is told from
   * memory. Errors: TaskNotFound, AmbiguousTaskId, SourceUnavailable.
   */
  async task(id: string, source?: string): Promise<TaskDetail> {
    const unresolved = source === undefined ? this.unresolved() : [];
    const found = await this.#locator.locate(id, this.#sources.select(source), unresolved);
    const signal = AbortSignal.timeout(this.#options.commandDeadlineMs);
    const live = this.#intake.live.get(found.monitor.source.name, found.id);
    const stored = found.connected ? await found.monitor.engine.findTask(found.id, signal) : null;
    const detail = detailOf(found.monitor.source, stored, live ?? null);
    if (detail === null && !found.connected) throw unavailable(found.monitor);
    // To whoever may not see it, a task is like one that does not exist.
    if (detail === null || !taskInScope(detail, currentScope())) {
      throw new TaskNotFound(`expected the id of a task that is stored or was seen lately, found "${id}"`, { id });
    }
    return this.#redaction.detail(detail);
  }

  /** Errors: TaskNotFound, AmbiguousTaskId, NotSupported, SourceUnavailable. */
  async revoke(
    id: string,
    request: RevokeRequest,
    source?: string,
  ): Promise<RevokeReport & { readonly source: Source }> {
    // Its queue is known only when it is read: whoever is limited to some queues acts on what they may see.
    if (currentScope().queues !== null) await this.task(id, source);
    const unresolved = source === undefined ? this.unresolved() : [];
    const {
      monitor,
      id: fullId,
      connected,
    } = await this.#locator.locateToRevoke(id, this.#sources.select(source), unresolved);
    if (!connected) throw unavailable(monitor);
    if (request.signal !== null && !monitor.engine.capabilities.has('revoke-signal')) {
      throw new NotSupported(`source "${monitor.source.name}" (${monitor.source.engine}) cannot send a named signal`, {
        capability: 'revoke-signal',
      });
    }
    const report = await monitor.engine.revoke(fullId, request, AbortSignal.timeout(this.#options.commandDeadlineMs));
    return { ...report, source: monitor.source };
  }

  /** Tasks of a queue of one source, as they lie there. Errors: SourceNotFound, NotSupported, SourceUnavailable. */
  async peek(source: string, queue: string, limit: number, offset = 0): Promise<QueuePeek> {
    const engine = this.#sources.capable(source, 'peek-queue');
    const signal = AbortSignal.timeout(this.#options.commandDeadlineMs);
    return this.#redaction.peek(await engine.peek(queue, limit, signal, offset));
  }

  /** Tells workers of one source something; null tells all that are up. Errors: SourceNotFound, NotSupported, SourceUnavailable. */
  async command(
    source: string,
    command: WorkerCommand,
    workers: readonly string[] | null,
  ): Promise<CommandReport & { readonly source: Source }> {
    const engine = this.#sources.capable(source, capabilityOf(command));
    const report = await engine.command(command, workers, AbortSignal.timeout(this.#options.commandDeadlineMs));
    return { ...report, source: engine.source };
  }

  /** What one worker of a source tells of itself. Errors: SourceNotFound, NotSupported, SourceUnavailable. */
  inspectWorker(source: string, worker: string): Promise<WorkerInspection> {
    const engine = this.#sources.capable(source, 'inspect-worker');
    return engine.inspectWorker(worker, AbortSignal.timeout(this.#options.commandDeadlineMs));
  }

  /** The one source that can do it. Errors: SourceNotFound, NotSupported where none can, AmbiguousName where several can. */
  capableSource(capability: Capability, source?: string): Source {
    return this.#sources.onlyCapable(capability, source);
  }

  #missed(source: Source, gap: GapEvent | null): void {
    if (gap !== null) this.#intake.take(source, [gap]);
  }
}
