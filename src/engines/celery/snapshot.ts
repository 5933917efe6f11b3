import type { Queue } from '../../core/queue.js';
import type { EngineSnapshot, TaskPage } from '../../core/queue-engine.js';
import type { Source } from '../../core/source.js';
import type { TaskState, TaskSummary } from '../../core/task.js';
import { isUp, type Worker, type WorkerStatus } from '../../core/worker.js';
import type { BeatSchedule } from './beat-schedule.js';
import type { CeleryWorker } from './celery-worker.js';
import type { ListedTask } from './control-replies.js';
import { queueOf, routesOf } from './queue-routes.js';
import type { TaskNotes } from './task-notes.js';
import type { QueueDepth } from './transport/celery-transport.js';
import { resourcesOf } from './worker-resources.js';

export interface SnapshotParts {
  readonly source: Source;
  readonly at: number;
  readonly listLimit: number;
  readonly depths: readonly QueueDepth[];
  /** Since when the oldest waiting task of a queue waits, epoch milliseconds; queues of which that is not known are missing. */
  readonly oldest: ReadonlyMap<string, number>;
  readonly workers: readonly { readonly worker: CeleryWorker; readonly status: WorkerStatus }[];
  readonly notes: TaskNotes;
  readonly beat: BeatSchedule;
}

interface HeldTask {
  readonly worker: CeleryWorker;
  readonly task: ListedTask;
  readonly queue: string | null;
}

/** Puts the workers' last answers and the broker's lengths together. Workers that are gone hold nothing. */
export function takeSnapshot(parts: SnapshotParts): EngineSnapshot {
  const up = parts.workers.filter(({ status }) => isUp(status));
  const routes = routesOf(up.map(({ worker }) => worker));
  const held = (list: 'active' | 'reserved' | 'scheduled'): readonly HeldTask[] =>
    up.flatMap(({ worker }) =>
      (worker.replies[list]?.value ?? []).map((task) => ({ worker, task, queue: queueOf(task, routes) })),
    );
  const active = held('active');
  const reserved = held('reserved');
  const scheduled = held('scheduled');
  const page = (tasks: readonly HeldTask[], state: TaskState): TaskPage => ({
    tasks: tasks.slice(0, parts.listLimit).map((item) => summaryOf(item, state, parts)),
    total: tasks.length,
  });
  const activeByName = new Map<string | null, number>();
  for (const { task } of active) activeByName.set(task.name, (activeByName.get(task.name) ?? 0) + 1);

  const workers = up.map(({ worker }) => worker);
  return {
    at: parts.at,
    queues: parts.depths.map((depth) => queueFrom(depth, { workers, active, scheduled, parts })),
    workers: up.map(({ worker, status }) => workerFrom(worker, status, parts.source)),
    active: page(active, 'STARTED'),
    reserved: page(reserved, 'RECEIVED'),
    scheduled: page(scheduled, 'RECEIVED'),
    activeByName,
    configuredSchedules: parts.beat.of(
      workers.map(({ replies }) => replies.beat),
      parts.at,
    ),
  };
}

export function workerFrom(worker: CeleryWorker, status: WorkerStatus, source: Source): Worker {
  const { incarnation, replies } = worker;
  const stats = replies.stats?.value ?? null;
  const busy = busyOf(worker);
  return {
    source: source.name,
    engine: source.engine,
    name: worker.name,
    status,
    host: worker.host,
    pid: incarnation.pid || (stats?.pid ?? null),
    software: worker.version === null ? null : `celery ${worker.version}`,
    startedAt: startOf(worker),
    lastSeenAt: worker.seenAtEpoch,
    queues: replies.queues?.value.map(({ name }) => name) ?? null,
    poolSize: stats?.poolSize ?? null,
    busy: busy !== null && !isUp(status) ? 0 : busy,
    prefetchCount: stats?.prefetchCount ?? null,
    autoscale: stats?.autoscale ?? null,
    eventsEnabled: worker.events === null ? null : worker.events === 'on' || worker.events === 'enabled-by-us',
    processed: incarnation.processed,
    resources: resourcesOf(worker),
    agent: worker.reports.length > 0,
  };
}

/** By its last heartbeat or its last list of active tasks, whichever is newer. */
function busyOf({ incarnation, replies }: CeleryWorker): number | null {
  const { active } = replies;
  return active !== null && active.at > incarnation.toldAt ? active.value.length : incarnation.active;
}

/** Uptime is told in whole seconds; the first answer fixes the start, so that it does not wander. */
function startOf(worker: CeleryWorker): number | null {
  const stats = worker.replies.stats;
  if (stats === null || stats.value.uptimeSeconds === null) return null;
  worker.incarnation.startedAt ??= worker.seenAtEpoch - stats.value.uptimeSeconds * 1000;
  return worker.incarnation.startedAt;
}

interface QueueContext {
  readonly parts: SnapshotParts;
  readonly workers: readonly CeleryWorker[];
  readonly active: readonly HeldTask[];
  readonly scheduled: readonly HeldTask[];
}

function queueFrom(depth: QueueDepth, context: QueueContext): Queue {
  const { workers, parts } = context;
  const { source } = parts;
  const { name } = depth;
  const oldest = depth.length === 0 ? undefined : parts.oldest.get(name);
  const consumers = workers.filter((worker) =>
    worker.replies.queues?.value.some((queue) => queue.name === name),
  ).length;
  const allTell = (list: 'active' | 'scheduled' | 'queues'): boolean =>
    workers.every((worker) => worker.replies[list] !== null);
  const countIn = (tasks: readonly HeldTask[]): number => tasks.filter((task) => task.queue === name).length;
  return {
    source: source.name,
    engine: source.engine,
    name,
    length: depth.length,
    byPriority: depth.byPriority,
    active: allTell('active') ? countIn(context.active) : null,
    delayed: allTell('scheduled') ? countIn(context.scheduled) : null,
    // A chord's children are told by no count of the broker's.
    waitingChildren: null,
    unacknowledged: depth.unacknowledged,
    kept: null,
    // Of none that tell, while one does not tell, nothing is known.
    consumers: depth.consumers ?? (consumers > 0 || allTell('queues') ? consumers : null),
    oldestWaitingSeconds: oldest === undefined ? null : Math.max(0, parts.at - oldest) / 1000,
    paused: null,
    // A rate limit is a task's, and each worker keeps its own.
    limits: null,
    orphaned: null,
    schedules: null,
  };
}

function summaryOf({ worker, task, queue }: HeldTask, state: TaskState, parts: SnapshotParts): TaskSummary {
  const note = parts.notes.get(task.id);
  return {
    source: parts.source.name,
    engine: parts.source.engine,
    id: task.id,
    name: task.name,
    queue: queue ?? note?.queue ?? null,
    state,
    worker: worker.name,
    sentAt: note?.sentAt ?? null,
    eta: task.eta,
    startedAt: task.startedAt,
    finishedAt: null,
    runtimeMs: null,
    attempts: note === undefined || note.attempts === 0 ? null : note.attempts,
    error: null,
  };
}
