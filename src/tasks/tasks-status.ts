import type { TaskPage } from '../core/queue-engine.js';
import type { TaskSummary } from '../core/task.js';
import { isUp, type Worker } from '../core/worker.js';
import { ActiveTaskDto } from '../http/active-task.dto.js';
import { SourceStateDto } from '../http/source-state.dto.js';
import { sum } from '../http/sum.js';
import type { SourceView } from '../queue-inspector/source-view.js';
import { TasksCountDto, TasksStatusDto, TruncatedListsDto } from './tasks-status.dto.js';
import { ScheduledTaskDto, WaitingTaskDto } from './waiting-task.dto.js';

interface Joined {
  readonly tasks: readonly TaskSummary[];
  readonly count: number | null;
  readonly truncated: boolean | null;
}

/**
 * Joins what the sources told. Counts cover the sources that have been looked at; `sources` names those that have not. `total_pending` is
 * the sum of all three counts, the active included, as the guide's example has it.
 */
export function tasksStatus(
  views: readonly SourceView[],
  workers: readonly Worker[],
  options: { readonly timestamp: string; readonly limit: number },
): TasksStatusDto {
  const join = (list: 'active' | 'reserved' | 'scheduled', key: (task: TaskSummary) => number | null): Joined => {
    const pages = views.flatMap((view) => (view.snapshot === null ? [] : [view.snapshot[list]]));
    const unheard = views.length > 0 && pages.length === 0;
    return joinPages(pages, key, options.limit, unheard);
  };
  const active = join('active', (task) => task.startedAt);
  const reserved = join('reserved', (task) => task.sentAt);
  const scheduled = join('scheduled', (task) => task.eta);

  return new TasksStatusDto({
    timestamp: options.timestamp,
    summary: new TasksCountDto({
      active: active.count,
      reserved: reserved.count,
      scheduled: scheduled.count,
      total_pending: sum([active.count, reserved.count, scheduled.count]),
    }),
    active_tasks: active.tasks.map((task) => new ActiveTaskDto(task)),
    reserved_tasks: reserved.tasks.map((task) => new WaitingTaskDto(task)),
    scheduled_tasks: scheduled.tasks.map((task) => new ScheduledTaskDto(task)),
    truncated: new TruncatedListsDto({
      active_tasks: active.truncated,
      reserved_tasks: reserved.truncated,
      scheduled_tasks: scheduled.truncated,
    }),
    workers: [...new Set(workers.filter((worker) => isUp(worker.status)).map((worker) => worker.name))],
    sources: views.map((view) => new SourceStateDto(view)),
  });
}

function joinPages(
  pages: readonly TaskPage[],
  key: (task: TaskSummary) => number | null,
  limit: number,
  unheard: boolean,
): Joined {
  const count = unheard ? null : sum(pages.map((page) => page.total));
  const tasks = pages
    .flatMap((page) => page.tasks)
    .sort((a, b) => (key(a) ?? Number.POSITIVE_INFINITY) - (key(b) ?? Number.POSITIVE_INFINITY) || 0)
    .slice(0, limit);
  return { tasks, count, truncated: count === null ? null : tasks.length < count };
}
