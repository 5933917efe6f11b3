import type { Clock } from '../../../core/clock.js';
import type { QueueActionReport, QueueActionRequest } from '../../../core/queue-action.js';
import type { LogPage, LogPageRequest } from '../../../core/queue-engine.js';
import type { ScheduleAction, ScheduleActionReport } from '../../../core/schedule-action.js';
import type { TaskAction, TaskActionReport } from '../../../core/task-action.js';
import type { EngineEvent } from '../../../core/task-event.js';
import { readJobLogs } from '../../jobs/job-logs.js';
import type { RedisLink } from '../../redis/redis-link.js';
import type { BullmqQueueRegistry } from '../bullmq-queue-registry.js';
import type { BullmqRevoker } from '../bullmq-revoker.js';
import type { BullmqTaskTracker } from '../bullmq-task-tracker.js';
import { BullmqQueueActions } from './bullmq-queue-actions.js';
import { BullmqScheduleActions } from './bullmq-schedule-actions.js';
import { BullmqTaskActions } from './bullmq-task-actions.js';
import { tellCleaned } from './cleaned-tasks.js';

export interface BullmqActionsOptions {
  readonly link: RedisLink;
  readonly registry: BullmqQueueRegistry;
  readonly revoker: BullmqRevoker;
  readonly tracker: BullmqTaskTracker;
  readonly clock: Clock;
  readonly emit: (event: EngineEvent) => void;
  readonly flush: () => void;
  readonly denied: (feature: string) => void;
}

/** Everything that may be changed in a source, put together; and read of what was logged. */
export class BullmqActions {
  readonly #link: RedisLink;
  readonly #registry: BullmqQueueRegistry;
  readonly #tasks: BullmqTaskActions;
  readonly #queues: BullmqQueueActions;
  readonly #schedules: BullmqScheduleActions;

  constructor({ link, registry, revoker, tracker, clock, emit, flush, denied }: BullmqActionsOptions) {
    this.#link = link;
    this.#registry = registry;
    this.#tasks = new BullmqTaskActions({
      link,
      revoke: (id, job, signal) => revoker.revoke(id, [job], { terminate: false, signal: null }, signal),
      denied,
    });
    this.#queues = new BullmqQueueActions({
      link,
      registry,
      clock,
      gone: (queue, tasks, jobIds) => {
        if (tasks !== 'waiting' && tasks !== 'delayed') return;
        tellCleaned({ tracker, emit, now: () => clock.now() }, queue, jobIds);
        flush();
      },
      denied,
    });
    this.#schedules = new BullmqScheduleActions({ link, registry, clock, denied });
  }

  async logs(id: string, page: LogPageRequest, signal: AbortSignal): Promise<LogPage | null> {
    for (const { queue, jobId } of this.#registry.readings(id)) {
      const found = await readJobLogs(this.#link, queue.at(jobId), page, signal);
      if (found) return found;
    }
    return null;
  }

  act(id: string, action: TaskAction, signal: AbortSignal): Promise<TaskActionReport> {
    return this.#tasks.act(id, this.#registry.readings(id), action, signal);
  }

  actOnQueue(queue: string, request: QueueActionRequest, signal: AbortSignal): Promise<QueueActionReport> {
    return this.#queues.act(queue, request, signal);
  }

  actOnSchedule(queue: string, id: string, action: ScheduleAction, signal: AbortSignal): Promise<ScheduleActionReport> {
    return this.#schedules.act(queue, id, action, signal);
  }
}
