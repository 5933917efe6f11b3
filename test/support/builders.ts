import type { Queue } from '../../src/core/queue.js';
import type { EngineSnapshot } from '../../src/core/queue-engine.js';
import type { TaskDetail, TaskSummary } from '../../src/core/task.js';
import type { Worker } from '../../src/core/worker.js';

/** Friday 2 January 2026, 10:30:00 UTC: what tests that need a time use. */
export const NOON = Date.UTC(2026, 0, 2, 10, 30);

/** A waiting task, but for what is said. */
export function aTask(said: Partial<TaskSummary> = {}): TaskSummary {
  return {
    source: 'bull',
    engine: 'bull',
    id: 'training:1',
    name: 'training',
    queue: 'training',
    state: 'PENDING',
    worker: null,
    sentAt: NOON,
    eta: null,
    startedAt: null,
    finishedAt: null,
    runtimeMs: null,
    attempts: 0,
    error: null,
    ...said,
  };
}

export function aTaskDetail(said: Partial<TaskDetail> = {}): TaskDetail {
  return {
    ...aTask(said),
    args: null,
    kwargs: null,
    result: null,
    traceback: null,
    progress: null,
    priority: null,
    maxAttempts: null,
    logs: null,
    attemptHistory: [],
    timeline: [],
    parentId: null,
    rootId: null,
    childIds: [],
    raw: {},
    ...said,
  };
}

/** An idle worker without an agent, but for what is said. */
export function aWorker(said: Partial<Worker> = {}): Worker {
  return {
    source: 'bull',
    engine: 'bull',
    name: 'worker-1',
    status: 'online',
    host: null,
    pid: null,
    software: null,
    startedAt: null,
    lastSeenAt: NOON,
    queues: null,
    poolSize: null,
    busy: null,
    prefetchCount: null,
    autoscale: null,
    eventsEnabled: null,
    processed: null,
    resources: null,
    agent: false,
    ...said,
  };
}

/** An empty queue, but for what is said. */
export function aQueue(said: Partial<Queue> = {}): Queue {
  return {
    source: 'bull',
    engine: 'bull',
    name: 'training',
    length: 0,
    byPriority: null,
    active: 0,
    delayed: 0,
    unacknowledged: null,
    kept: null,
    consumers: null,
    oldestWaitingSeconds: null,
    paused: false,
    limits: null,
    waitingChildren: null,
    orphaned: null,
    schedules: null,
    ...said,
  };
}

/** A look at a broker that holds nothing, but for what is said. */
export function aSnapshot(said: Partial<EngineSnapshot> = {}): EngineSnapshot {
  return {
    at: NOON,
    queues: [],
    workers: [],
    active: { tasks: [], total: 0 },
    reserved: { tasks: [], total: 0 },
    scheduled: { tasks: [], total: 0 },
    activeByName: new Map(),
    ...said,
  };
}
