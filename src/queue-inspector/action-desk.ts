import { QueueNotFound, SourceNotFound, TaskNotFound } from '../core/errors.js';
import { capabilityOfQueue, type QueueActionReport, type QueueActionRequest } from '../core/queue-action.js';
import { type Capability, type LogPage, type LogPageRequest, lacks } from '../core/queue-engine.js';
import { capabilityOfSchedule, type ScheduleAction, type ScheduleActionReport } from '../core/schedule-action.js';
import { currentScope, queueInScope } from '../core/scope.js';
import type { Source } from '../core/source.js';
import { capabilityOfTask, type TaskAction, type TaskActionReport } from '../core/task-action.js';
import type { SentTask, TaskOrder } from '../core/task-sending.js';
import type { SourceMonitor } from './source-monitor.js';
import type { TaskLocation } from './task-location.js';
import { unavailable } from './task-locator.js';
import { withDeadline } from './with-deadline.js';

export interface ActionDeskOptions {
  /** Errors: TaskNotFound, AmbiguousTaskId, SourceNotFound, SourceUnavailable. */
  readonly locate: (id: string, source: string | undefined) => Promise<TaskLocation>;
  /** Errors: SourceNotFound. */
  readonly monitors: (source: string) => readonly SourceMonitor[];
  /** A line of a task's log as it may be shown. */
  readonly redactLine: (source: string, id: string, line: string) => string;
  /** Deadline of changing one task. */
  readonly deadlineMs: number;
}

/** Long queues are changed in steps, and obliterated in one go. */
const QUEUE_DEADLINE_MS = 40_000;

/** Changes of tasks, queues and schedules in whichever source has them. Whoever looks at the source next sees what has come of it. */
export class ActionDesk {
  readonly #o: ActionDeskOptions;

  constructor(options: ActionDeskOptions) {
    this.#o = options;
  }

  /** Errors: TaskNotFound, AmbiguousTaskId, NotSupported, SourceUnavailable. A refusal is an answer. */
  async onTask(
    id: string,
    action: TaskAction,
    source?: string,
  ): Promise<TaskActionReport & { readonly source: Source }> {
    const found = await this.#o.locate(id, source);
    const { engine } = ready(found.monitor, found.connected, capabilityOfTask(action));
    const report = await this.#change(found.monitor, this.#o.deadlineMs, (signal) =>
      engine.act(found.id, action, signal),
    );
    return { ...report, source: engine.source };
  }

  /** Errors: SourceNotFound, QueueNotFound, NotSupported, PermissionDenied, InvalidRequest, SourceUnavailable. */
  async send(source: string, order: TaskOrder): Promise<SentTask & { readonly source: Source }> {
    const monitor = this.#monitor(source, order.queue);
    const { engine } = ready(monitor, isConnected(monitor), 'send-task');
    const sent = await this.#change(monitor, this.#o.deadlineMs, (signal) => engine.send(order, signal));
    return { ...sent, source: engine.source };
  }

  /** Errors: SourceNotFound, QueueNotFound, NotSupported, ActionRefused, CountExceeded, SourceUnavailable. */
  async onQueue(source: string, queue: string, request: QueueActionRequest): Promise<QueueActionReport> {
    const monitor = this.#monitor(source, queue);
    const { engine } = ready(monitor, isConnected(monitor), capabilityOfQueue(request.action));
    return this.#change(monitor, QUEUE_DEADLINE_MS, (signal) => engine.actOnQueue(queue, request, signal));
  }

  /** Errors: SourceNotFound, QueueNotFound, ScheduleNotFound, NotSupported, ActionRefused, SourceUnavailable. */
  async onSchedule(source: string, queue: string, id: string, action: ScheduleAction): Promise<ScheduleActionReport> {
    const monitor = this.#monitor(source, queue);
    const { engine } = ready(monitor, isConnected(monitor), capabilityOfSchedule(action));
    return this.#change(monitor, this.#o.deadlineMs, (signal) => engine.actOnSchedule(queue, id, action, signal));
  }

  /** One page of what a task has logged. Errors: as `onTask`. */
  async logs(
    id: string,
    page: LogPageRequest,
    source?: string,
  ): Promise<LogPage & { readonly source: Source; readonly id: string }> {
    const found = await this.#o.locate(id, source);
    const { engine } = ready(found.monitor, found.connected, 'task-logs');
    const logs = await withDeadline(this.#o.deadlineMs, (signal) => engine.logs(found.id, page, signal));
    if (logs === null) throw new TaskNotFound(`expected the id of a task that is stored, found "${id}"`, { id });
    const lines = logs.lines.map((line) => this.#o.redactLine(engine.source.name, found.id, line));
    return { ...logs, lines, source: engine.source, id: found.id };
  }

  #monitor(source: string, queue: string): SourceMonitor {
    if (!queueInScope(currentScope(), queue)) {
      throw new QueueNotFound(`expected the name of a queue, found "${queue}"`, { name: queue });
    }
    const [monitor] = this.#o.monitors(source);
    if (monitor === undefined) throw new SourceNotFound(`expected the name of a source, found "${source}"`);
    return monitor;
  }

  async #change<T>(monitor: SourceMonitor, ms: number, change: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await withDeadline(ms, change);
    } finally {
      monitor.outdated();
    }
  }
}

function ready(monitor: SourceMonitor, connected: boolean, capability: Capability): SourceMonitor {
  if (!monitor.engine.capabilities.has(capability)) throw lacks(monitor.source, capability);
  if (!connected) throw unavailable(monitor);
  return monitor;
}

function isConnected({ engine }: SourceMonitor): boolean {
  return engine.status().connection === 'connected';
}
