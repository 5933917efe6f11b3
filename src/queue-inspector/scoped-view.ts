import type { EngineSnapshot, TaskPage } from '../core/queue-engine.js';
import { isLimited, queueInScope, type Scope, sourceInScope } from '../core/scope.js';
import type { Source } from '../core/source.js';
import type { TaskSummary } from '../core/task.js';
import type { Worker } from '../core/worker.js';
import type { IntakeListener } from './intake-listener.js';
import type { SourceView } from './source-view.js';

/** A view as a caller may see it who is limited to some queues. */
export function scopedView(view: SourceView, scope: Scope): SourceView {
  if (scope.queues === null || view.snapshot === null) return view;
  return { ...view, snapshot: scopedSnapshot(view.snapshot, scope) };
}

function scopedSnapshot(snapshot: EngineSnapshot, scope: Scope): EngineSnapshot {
  return {
    ...snapshot,
    queues: snapshot.queues.filter((queue) => queueInScope(scope, queue.name)),
    configuredSchedules: (snapshot.configuredSchedules ?? []).filter(
      ({ queue }) => queue !== null && queueInScope(scope, queue),
    ),
    workers: snapshot.workers.filter((worker) => workerInScope(worker, scope)),
    active: scopedPage(snapshot.active, scope),
    reserved: scopedPage(snapshot.reserved, scope),
    scheduled: scopedPage(snapshot.scheduled, scope),
    // Counted over all queues: how many of them are the caller's, nobody has counted.
    activeByName: new Map(),
  };
}

/** The number is known only where the list is whole. */
function scopedPage(page: TaskPage, scope: Scope): TaskPage {
  const tasks = page.tasks.filter((task) => queueInScope(scope, task.queue));
  return { tasks, total: page.total === page.tasks.length ? tasks.length : null };
}

/** A worker is seen by whoever sees one of its queues; one whose queues are not known by nobody who is limited. */
export function workerInScope(worker: Worker, scope: Scope): boolean {
  return scope.queues === null || worker.queues?.some((queue) => queueInScope(scope, queue)) === true;
}

export function taskInScope(task: Pick<TaskSummary, 'source' | 'queue'>, scope: Scope): boolean {
  return sourceInScope(scope, task.source) && queueInScope(scope, task.queue);
}

export function tasksInScope<T extends Pick<TaskSummary, 'source' | 'queue'>>(
  tasks: Iterable<T>,
  scope: Scope,
): Iterable<T> {
  return isLimited(scope) ? within(tasks, scope) : tasks;
}

function* within<T extends Pick<TaskSummary, 'source' | 'queue'>>(tasks: Iterable<T>, scope: Scope): Iterable<T> {
  for (const task of tasks) if (taskInScope(task, scope)) yield task;
}

/** Hears of what a caller may see only, for as long as it listens. */
export function scopedListener(listener: IntakeListener, scope: Scope): IntakeListener {
  if (!isLimited(scope)) return listener;
  const within = (source: Source): boolean => sourceInScope(scope, source.name);
  return {
    transitions: (source, batch) => {
      if (!within(source)) return;
      const own = scope.queues === null ? batch : batch.filter(({ task }) => queueInScope(scope, task.queue));
      if (own.length > 0) listener.transitions(source, own);
    },
    notice: (source, notice) => {
      if (within(source) && scope.queues === null) listener.notice(source, notice);
    },
  };
}
