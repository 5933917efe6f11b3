import type { BrokerFacts } from './broker-facts.js';
import type { ConfiguredSchedule } from './configured-schedule.js';
import { NotSupported } from './errors.js';
import type { Queue } from './queue.js';
import { capabilityOfQueue, type QueueActionReport, type QueueActionRequest } from './queue-action.js';
import type { QueuePeek } from './queue-peek.js';
import { capabilityOfSchedule, type ScheduleAction, type ScheduleActionReport } from './schedule-action.js';
import type { Source, SourceStatus } from './source.js';
import type { TaskDetail, TaskPayload, TaskSummary } from './task.js';
import { capabilityOfTask, type TaskAction, type TaskActionReport } from './task-action.js';
import type { EngineEvent } from './task-event.js';
import type { Relative } from './task-family.js';
import type { SentTask, TaskOrder } from './task-sending.js';
import type { Worker } from './worker.js';
import { type CommandReport, capabilityOf, type WorkerAnswer, type WorkerCommand } from './worker-control.js';
import type { WorkerInspection } from './worker-inspection.js';

/** What an engine can do beyond watching. The API answers 409 for the rest and the dashboard draws no button for it. */
export const CAPABILITIES = [
  /** Remove a task that has not started. */
  'revoke-waiting',
  /** Ask a running task to stop; who obeys is in the report. */
  'revoke-active',
  /** Send a named signal to the process that runs a task. */
  'revoke-signal',
  /** Tell an unknown id from a waiting one. */
  'find-by-id',
  /** Say how long the oldest waiting task has waited. */
  'queue-age',
  /** Tell which worker runs a task. */
  'task-worker',
  /** Keep finished tasks for a while, so that they can be read again. */
  'kept-tasks',
  'schedules',
  'task-logs',
  /** Put a task that has failed back among the waiting. */
  'retry',
  /** The same for a task that went well, and with its attempts counted anew. */
  'retry-anew',
  /** The same with other arguments. */
  'retry-edited',
  /** Send a new task; only where the settings allow it, and only of the names that they list. */
  'send-task',
  /** Let a task that waits for a time run now. */
  'promote',
  /** Take a task that does not run out of the broker, finished ones included. */
  'remove',
  'change-delay',
  'change-priority',
  'pause-queue',
  /** Show the first tasks of a queue without disturbing them. */
  'peek-queue',
  /** Tell what a worker could run, its settings and its figures. */
  'inspect-worker',
  /** End a worker that is alive, once it has finished what it runs. */
  'shutdown-worker',
  /** Let a worker run more, or fewer, tasks at once. */
  'resize-pool',
  /** Replace the processes of a worker's pool. */
  'restart-pool',
  /** Move the bounds between which a worker resizes itself. */
  'autoscale',
  /** Make a worker take from one more queue, or from one less. */
  'worker-queues',
  /** Switch a worker's task events on and off. */
  'worker-events',
  /** Limit how often tasks of a name are begun. */
  'rate-limit',
  /** Limit how long tasks of a name may run. */
  'time-limit',
  /** Revoke every task that carries a stamp. */
  'revoke-stamped',
  'clean-queue',
  'drain-queue',
  'obliterate-queue',
  'remove-schedule',
  'run-schedule',
  'edit-schedule',
] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** A bounded list with the exact number it was cut from; null where counting would cost the broker too much. */
export interface TaskPage {
  readonly tasks: readonly TaskSummary[];
  readonly total: number | null;
}

/** One consistent look at a source, taken by one poll and shared by everybody who asks. */
export interface EngineSnapshot {
  /** Epoch milliseconds at which the poll began. */
  readonly at: number;
  readonly queues: readonly Queue[];
  readonly workers: readonly Worker[];
  readonly active: TaskPage;
  readonly reserved: TaskPage;
  readonly scheduled: TaskPage;
  /** All active tasks by name; the key null counts those whose name is not known. */
  readonly activeByName: ReadonlyMap<string | null, number>;
  /** What repeats by the configuration of workers alone; absent where all that repeats is kept in queues. */
  readonly configuredSchedules?: readonly ConfiguredSchedule[];
}

export interface RevokeRequest {
  readonly terminate: boolean;
  /** Name such as SIGTERM; only with the capability `revoke-signal`. */
  readonly signal: string | null;
}

/** Why a task is, or is not, revoked. `done` is never said without proof. */
export interface RevokeReport {
  readonly id: string;
  /**
   * revoked: it will not run, or has stopped. accepted: a worker has acknowledged and will stop it. too-late: it had already finished.
   * unacknowledged: nobody who could have stopped it has answered.
   */
  readonly outcome: 'revoked' | 'accepted' | 'too-late' | 'unacknowledged';
  /** What was done, in one sentence. */
  readonly message: string;
  readonly workers: readonly WorkerAnswer[];
}

export interface LogPageRequest {
  /** Lines to leave out, counted from the oldest, or from the newest where `newestFirst`. */
  readonly offset: number;
  readonly limit: number;
  readonly newestFirst: boolean;
}

export interface LogPage {
  readonly lines: readonly string[];
  /** All lines that are stored. */
  readonly total: number;
}

/** What watching costs the broker; totals since start. */
export interface BrokerCost {
  readonly connections: number;
  readonly commands: number;
  readonly bytesRead: number;
  readonly reconnects: number;
}

/** Called synchronously, in the order in which things were heard. Must not throw. */
export interface EngineListener {
  events(batch: readonly EngineEvent[]): void;
  status(status: SourceStatus): void;
}

/**
 * PORT. Everything the rest of the service may ask of, or be told by, one broker in one engine's protocol.
 *
 * Errors of every asking method: SourceUnavailable (the broker does not answer in time), NotSupported (a missing capability).
 * Every call ends when its signal aborts.
 */
export abstract class QueueEngine {
  abstract readonly source: Source;
  abstract readonly capabilities: ReadonlySet<Capability>;

  /** Begins to connect, watch and reconnect in the background. Returns at once and never throws because a broker is away. */
  abstract start(listener: EngineListener): void;

  /** Ends every connection, timer and command within a second. Idempotent. */
  abstract stop(): Promise<void>;

  abstract status(): SourceStatus;

  /** One poll. Costs a fixed number of commands per queue whatever their length; lists hold at most `listLimit` tasks each. */
  abstract inspect(options: { readonly listLimit: number; readonly signal: AbortSignal }): Promise<EngineSnapshot>;

  /**
   * Reads one task by its full id. null: no such task is stored. Takes a few commands, none of them O(queue length) but one LPOS, and
   * that only where the state cannot be told otherwise.
   */
  abstract findTask(id: string, signal: AbortSignal): Promise<TaskDetail | null>;

  /**
   * Tasks of the family that has this root, as far as events have told of them lately; at most `limit`. [] where the broker itself keeps who
   * belongs to whom: then `findTask` tells it. O(tasks in memory).
   */
  relatives(_rootId: string, _limit: number): readonly Relative[] {
    return [];
  }

  /** The full ids that a shorter form, such as a bare job id, may stand for. At most `limit`. One round trip. */
  abstract resolveTaskId(partialId: string, limit: number, signal: AbortSignal): Promise<readonly string[]>;

  /** Stops a task from running, or from going on. TaskNotFound where the engine can know that there is none. */
  abstract revoke(id: string, request: RevokeRequest, signal: AbortSignal): Promise<RevokeReport>;

  /**
   * Tasks of a queue in the order in which workers will take them, from the place `offset`, 0 being the next; at most `limit`. Nothing is taken
   * or changed. Costs the same however long the queue is, and however deep the place. Only with the capability `peek-queue`.
   */
  peek(_queue: string, _limit: number, _signal: AbortSignal, _offset = 0): Promise<QueuePeek> {
    return Promise.reject(lacks(this.source, 'peek-queue'));
  }

  /**
   * Tells workers something; null tells all that are up. One message, and then at most a few questions whether it has taken effect, for two
   * seconds. Only with the capability that `capabilityOf` names.
   */
  command(command: WorkerCommand, _workers: readonly string[] | null, _signal: AbortSignal): Promise<CommandReport> {
    return Promise.reject(lacks(this.source, capabilityOf(command)));
  }

  /** What one worker tells of itself. A fixed number of messages; whoever is busy answers nothing. Only with the capability `inspect-worker`. */
  inspectWorker(_worker: string, _signal: AbortSignal): Promise<WorkerInspection> {
    return Promise.reject(lacks(this.source, 'inspect-worker'));
  }

  /**
   * Changes one task, atomically, by the engine's own means. A refusal is an answer; TaskNotFound where no such task is stored. To be asked
   * only of engines with the capability.
   */
  act(_id: string, action: TaskAction, _signal: AbortSignal): Promise<TaskActionReport> {
    return Promise.reject(lacks(this.source, capabilityOfTask(action)));
  }

  /** Names of tasks that `send` takes, or beginnings of names followed by `*`. */
  get sendable(): readonly string[] {
    return [];
  }

  /** Puts a new task into a queue. Errors: QueueNotFound, InvalidRequest, PermissionDenied for a name that the settings do not list. */
  send(_order: TaskOrder, _signal: AbortSignal): Promise<SentTask> {
    return Promise.reject(lacks(this.source, 'send-task'));
  }

  /**
   * Changes a queue. What is long is done in steps that the broker hardly feels, each of them atomic, until it is done or time is up. Errors:
   * QueueNotFound, ActionRefused, CountExceeded.
   */
  actOnQueue(_queue: string, request: QueueActionRequest, _signal: AbortSignal): Promise<QueueActionReport> {
    return Promise.reject(lacks(this.source, capabilityOfQueue(request.action)));
  }

  /** Lines that a task has logged. null: no such task is stored. To be asked only of engines with the capability `task-logs`. */
  logs(_id: string, _page: LogPageRequest, _signal: AbortSignal): Promise<LogPage | null> {
    return Promise.reject(lacks(this.source, 'task-logs'));
  }

  /** Changes a repeating task of a queue. Errors: QueueNotFound, ScheduleNotFound, ActionRefused. */
  actOnSchedule(
    _queue: string,
    _id: string,
    action: ScheduleAction,
    _signal: AbortSignal,
  ): Promise<ScheduleActionReport> {
    return Promise.reject(lacks(this.source, capabilityOfSchedule(action)));
  }

  abstract cost(): BrokerCost;

  /** What the broker tells of itself: one command to each of its servers. null where it does not tell, or may not tell us. */
  broker(_signal: AbortSignal): Promise<BrokerFacts | null> {
    return Promise.resolve(null);
  }

  /**
   * From now on `payloadOf` is asked for what tasks were given. An engine that has to read it from the broker does so for `perSecond` tasks at
   * most, and tells by `payload` what it has; 0: for none. May be called at any time.
   */
  rememberPayloads(_perSecond: number): void {
    // Whoever is told of it by events remembers it anyway.
  }

  /** What is remembered of a task beside what events tell; null: nothing. Asks nobody. For every task that is stored. */
  payloadOf(_id: string): TaskPayload | null {
    return null;
  }

  /**
   * How far what has been told reaches: JSON that a later run gives to `resume`. Asked between two batches, so that it fits what has been
   * counted by then. null where the engine cannot continue.
   */
  position(): unknown {
    return null;
  }

  /**
   * Before `start`: goes on from the position of an earlier run, which last stored it at `storedAt`. True where the engine itself tells what
   * happened since, and what of it is missing; false where nobody can tell anything about that time.
   */
  resume(_position: unknown, _storedAt: number): boolean {
    return false;
  }
}

export function lacks(source: Source, capability: Capability): NotSupported {
  return new NotSupported(`source "${source.name}" (${source.engine}) cannot do this: it lacks "${capability}"`, {
    capability,
  });
}
